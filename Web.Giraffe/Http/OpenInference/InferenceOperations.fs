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
     |> List.map InferenceHandlers.ofProblem
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
                                    Classification = Some 2
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
            InferenceHandlers.wrong "There is no input 'input0'; this model has one, 'image'."
            unknownModel
            InferenceHandlers.notSaid $"The worker {Examples.worker} knows only the plain exchange."
        ]
        @ ApiGuard.problems
        @ (ClassifyOperations.uploadProblems
           |> List.filter (fun problem -> problem.Status <> 400))
    )
    |> Operation.requires Keys
    |> versions
