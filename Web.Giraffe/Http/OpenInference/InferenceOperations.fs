/// OpenAPI metadata of the Open Inference Protocol's V2 routes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceOperations

open System
open System.Buffers
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference
open Web.Giraffe.Handlers.InferenceGroup

let server =
    operation "inferenceServer" "Server metadata" "The Open Inference Protocol V2, as KServe and Triton speak it."
    |> Operation.reply 200 "The server" [ Media.json [ "The server", Model.server ] ]
    |> fails [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let live =
    operation "inferenceLive" "Server live" "Whether requests are taken."
    |> Operation.reply 200 "It is live" [ Media.json [ "Live", ({ Live = true }: ServerLive) ] ]

let ready =
    operation "inferenceReady" "Server ready" "Whether at least one worker is active."
    |> readiness (fun ready -> ({ Live = true; Ready = ready }: ServerReady)) []

let modelReady =
    operation "inferenceModelReady" "Model ready" "Whether at least one worker is active."
    |> readiness
        (fun ready ->
            ({
                Name = "squeezenet1_1"
                Ready = ready
            }
            : ModelReady))
        [ unknownModel ]
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
        "Send pictures as base64 in the JSON, or as binary data after it. Inference-Header-Content-Length is then the length of the JSON; if it is 0, the body is one raw picture and the outputs are binary."
    |> Operation.parameters
        [
            Parameter.header
                InferHandlers.LengthHeader
                "The length of the JSON, if binary data follows it; 0 for a raw picture."
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
    |> fails (pictureProblems "There is no input 'input0'; this model has one, 'image'.")
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
    |> fails (problems @ [ unknownModel ] @ AdminProblem.documented)
    |> Operation.requires Administrators

let load =
    repositoryChange
        "inferenceLoad"
        "Load a model"
        "For administrators. Returns a model to service after an unload. Workers load the models in their folders themselves, and this changes nothing for a model in service."
        [ ModelRepository.noFiles ]

let unload =
    repositoryChange
        "inferenceUnload"
        "Unload a model"
        "For administrators. Takes a model out of service on this web node until it is loaded again or the node restarts. The workers keep it."
        []
