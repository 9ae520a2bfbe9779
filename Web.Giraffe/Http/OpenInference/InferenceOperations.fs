/// OpenAPI metadata of the Open Inference Protocol's routes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceOperations

open System
open System.Buffers
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference

let private operation id summary says =
    Operation.create id "inference" summary says

let private fails (problems: Problem list) operation =
    (operation,
     problems
     |> List.map InferenceService.ofProblem
     |> List.groupBy _.Status
     |> List.sortBy fst)
    ||> List.fold (fun operation (status, problems) ->
        operation
        |> Operation.reply
            status
            (problems |> List.map _.Title |> List.distinct |> String.concat ", or ")
            [
                Media.json (
                    problems
                    |> List.distinctBy _.Title
                    |> List.map (fun problem -> problem.Title, ({ Error = problem.Detail }: InferenceError))
                )
            ])

let private unknownModel =
    Problem.create 404 "No such model" "There is no model 'mymodel'; this server has 'squeezenet1_1'."

let private name = Parameter.path "model" "The model's name, `squeezenet1_1`."
let private version = Parameter.path "version" "The model's version, `1`."

/// A model's route without the version and with it.
type Versions =
    {
        Latest: Operation
        Versioned: Operation
    }

let private versions (operation: Operation) =
    {
        Latest =
            { operation with
                Parameters = name :: operation.Parameters
            }
        Versioned =
            { operation with
                Id = operation.Id + "Version"
                Parameters = name :: version :: operation.Parameters
            }
    }

let server =
    operation "inferenceServer" "Server metadata" "The Open Inference Protocol V2, as KServe and Triton speak it."
    |> Operation.reply 200 "The server" [ Media.json [ "The server", Model.server ] ]
    |> fails [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let live =
    operation "inferenceLive" "Server live" "Whether requests are taken."
    |> Operation.reply 200 "It is live" [ Media.json [ "Live", ({ Live = true }: ServerLive) ] ]

let ready =
    let said ready =
        Media.json
            [
                (if ready then "Ready" else "Not ready"), ({ Live = true; Ready = ready }: ServerReady)
            ]

    operation "inferenceReady" "Server ready" "Whether at least one worker is active."
    |> Operation.reply 200 "It is ready" [ said true ]
    |> Operation.reply 503 "It is not" [ said false ]

let modelReady =
    let said ready =
        Media.json
            [
                (if ready then "Ready" else "Not ready"),
                ({
                    Name = "squeezenet1_1"
                    Ready = ready
                }
                : ModelReady)
            ]

    operation "inferenceModelReady" "Model ready" "Whether at least one worker is active."
    |> Operation.reply 200 "It is ready" [ said true ]
    |> fails [ unknownModel ]
    |> Operation.reply 503 "It is not" [ said false ]
    |> versions

let metadata =
    operation "inferenceModel" "Model metadata" "The model's input and outputs."
    |> Operation.reply
        200
        "The model"
        [
            Media.json [ "The model", Model.metadata (Model.undescribed "squeezenet1_1") ]
        ]
    |> fails [ ApiGuard.keyNeeded; unknownModel ]
    |> Operation.requires Keys
    |> versions

let repository =
    operation "inferenceRepository" "Model repository" "Every model that a worker has, in service or not."
    |> Operation.reply
        200
        "The models"
        [
            Media.json
                [
                    "The models",
                    [|
                        ({
                            Name = "squeezenet1_1"
                            Version = "1"
                            State = "READY"
                            Reason = ""
                        }
                        : RepositoryEntry)
                    |]
                ]
        ]
    |> fails [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let private exampleRequest: InferenceRequest =
    {
        Id = Some "42"
        Parameters = None
        Inputs =
            [|
                {
                    Name = Model.input.Name
                    Shape = [| 1L |]
                    Datatype = Model.input.Datatype
                    Parameters = None
                    Data = Some(Pictures [ ReadOnlySequence(Convert.FromBase64String "/9j/4AAQSkZJRg==") ])
                }
            |]
        Outputs =
            Some
                [|
                    {
                        Name = Model.probabilities.Name
                        Parameters =
                            Some
                                {
                                    BinaryData = None
                                    Classification = Some 2L
                                }
                    }
                |]
    }

let private exampleAnswer: InferenceResponse =
    {
        ModelName = "squeezenet1_1"
        ModelVersion = "1"
        Id = Some "42"
        Parameters =
            Some
                {
                    Answers =
                        """[{"id":"n02111889","label":"Samoyed","probability":0.92843646,"path":[{"id":"n00015388","label":"animal"},{"id":"n02084071","label":"dog"},{"id":"n02111889","label":"Samoyed"}]}]"""
                }
        Outputs =
            [|
                {
                    Name = Model.probabilities.Name
                    Shape = [| 1; 2 |]
                    Datatype = "BYTES"
                    Parameters = None
                    Data = Some(Texts [| "0.92843646:258:Samoyed"; "0.03092595:259:Pomeranian" |])
                }
            |]
    }

let infer =
    operation
        "infer"
        "Inference"
        "Pictures come as base64 in the JSON, or as binary data behind it, whose length Inference-Header-Content-Length then says; with 0 the body is one bare picture, and the outputs come as binary data."
    |> Operation.parameters
        [
            Parameter.header
                InferenceHandlers.LengthHeader
                "The length of the JSON, where binary data come behind it; 0 for a bare picture."
        ]
    |> Operation.takes
        [
            Media.json [ "The two most probable classes", exampleRequest ]
            Media.binary "application/octet-stream"
        ]
    |> Operation.reply
        200
        "The outputs"
        [
            Media.json [ "The two most probable classes", exampleAnswer ]
            Media.binary "application/octet-stream"
        ]
    |> fails (
        [
            InferenceService.wrong "There is no input 'input0'; this model has one, 'image'."
            unknownModel
            InferenceService.notSaid $"The worker {Examples.worker} knows only the plain exchange."
        ]
        @ ApiGuard.problems
        @ (ClassifyOperations.uploadProblems
           |> List.filter (fun problem -> problem.Status <> 400))
    )
    |> Operation.requires Keys
    |> versions

let config =
    operation "inferenceConfig" "Model configuration" "Triton's model configuration."
    |> Operation.reply
        200
        "The configuration"
        [
            Media.json
                [
                    "The configuration", ModelConfiguration.create 64 2 (Model.undescribed "squeezenet1_1")
                ]
        ]
    |> fails [ ApiGuard.keyNeeded; unknownModel ]
    |> Operation.requires Keys
    |> versions

let private exampleStatistics =
    Media.json
        [
            "Before the first request",
            ({
                ModelStats = [| InferenceCounters(TimeProvider.System).Read("squeezenet1_1", "1") |]
            }
            : StatisticsResponse)
        ]

let allStatistics =
    operation "inferenceStatistics" "Statistics" "Triton's statistics of all models, of requests to this node."
    |> Operation.reply 200 "The statistics" [ exampleStatistics ]
    |> fails [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let modelStatistics =
    operation "inferenceModelStatistics" "Model statistics" "Triton's statistics of a model, of requests to this node."
    |> Operation.reply 200 "The statistics" [ exampleStatistics ]
    |> fails [ ApiGuard.keyNeeded; unknownModel ]
    |> Operation.requires Keys
    |> versions

let private repositoryChange id summary description problems =
    operation id summary description
    |> Operation.parameters [ name ]
    |> Operation.reply 200 "It has been done" [ Media.json [ "Done", obj () ] ]
    |> fails
        [
            yield! problems
            unknownModel
            AdminProblem.create NotThisMachine
            AdminProblem.create TokenMissing
            AdminProblem.create TokenWrong
            AdminProblem.create (TooManyWrongTokens TimeSpan.Zero)
        ]
    |> Operation.requires Administrators

let load =
    repositoryChange
        "inferenceLoad"
        "Load a model"
        "For administrators. Returns a model to service after an unload. Workers load the models in their folders themselves, and this changes nothing for a model in service."
        [ InferenceService.noFiles ]

let unload =
    repositoryChange
        "inferenceUnload"
        "Unload a model"
        "For administrators. Takes a model out of service on this web node until it is loaded again or the node restarts. The workers keep it."
        []

let modelsV1 =
    operation "predictModels" "Models" "The models in service, as KServe's V1 protocol lists them."
    |> Operation.reply
        200
        "The models"
        [
            Media.json [ "The models", ({ Models = [| "squeezenet1_1" |] }: ModelListV1) ]
        ]
    |> fails [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let modelV1 =
    let said ready =
        Media.json
            [
                (if ready then "Ready" else "Not ready"), PredictJson.status ready (Model.undescribed "squeezenet1_1")
            ]

    operation "predictModel" "Model status" "Whether the model is ready, as KServe and TensorFlow Serving say it."
    |> Operation.reply 200 "It is ready" [ said true ]
    |> fails [ ApiGuard.keyNeeded; unknownModel ]
    |> Operation.reply 503 "It is not" [ said false ]
    |> Operation.requires Keys
    |> versions

let predict =
    operation
        "predict"
        "Prediction"
        "KServe's V1 protocol, as TensorFlow Serving documents it. Each picture is `{\"b64\": \"…\"}`, alone or as the input `image`: in rows, `{\"instances\": […]}`, or in columns, `{\"inputs\": …}`."
    |> Operation.takes
        [
            Media.json
                [
                    "One picture in rows",
                    ({
                        SignatureName = None
                        Instances = Some [| { B64 = "/9j/4AAQSkZJRg==" } |]
                    }
                    : PredictExample)
                ]
        ]
    |> Operation.reply
        200
        "One prediction for each picture"
        [
            Media.json
                [
                    "A model of two classes",
                    ({
                        Predictions =
                            [|
                                {
                                    Probabilities = [| 0.75f; 0.25f |]
                                    Label = "daisy"
                                }
                            |]
                    }
                    : PredictAnswerExample)
                ]
        ]
    |> fails (
        [
            InferenceService.wrong "The request has neither 'instances' nor 'inputs'."
            unknownModel
            InferenceService.notSaid $"The worker {Examples.worker} knows only the plain exchange."
        ]
        @ ApiGuard.problems
        @ (ClassifyOperations.uploadProblems
           |> List.filter (fun problem -> problem.Status <> 400))
    )
    |> Operation.requires Keys
    |> versions
