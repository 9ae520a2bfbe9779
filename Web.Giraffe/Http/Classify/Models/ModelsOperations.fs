/// OpenAPI metadata of the routes of models.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ModelsOperations

open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Api

let example: ModelJson =
    {
        Id = "squeezenet1_1"
        Title = "SqueezeNet 1.1"
        Versions = [| "1" |]
        Default = true
        State = "ready"
        Error = None
        Classes = 1000
        Width = 224
        Height = 224
        Channels = 3
        Resize = Some "shorter-side"
        Side = Some 256
        Independent = false
        Maps = true
        Tree = true
        Covers = Some "1,000 kinds of things and animals; not people, text or landmarks"
        Workers = 2
    }

let models =
    Operation.create "models" "models" "Lists the models" "As the workers describe them."
    |> Operation.reply 200 "The models" [ Media.json [ "One model", ({ Models = [| example |] }: ModelsJson) ] ]
    |> Operation.refuses [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let labels =
    Operation.create "labels" "models" "Lists a model's class names" "In the order of their numbers."
    |> Operation.parameters [ Parameter.path "model" "The model's id, `squeezenet1_1`." ]
    |> Operation.reply
        200
        "The class names"
        [
            Media.json
                [
                    "Two classes",
                    ({
                        Model = "squeezenet1_1"
                        Version = "1"
                        Labels = [| "tench"; "goldfish" |]
                        Synonyms = Some [| [| "Tinca tinca" |]; [| "Carassius auratus" |] |]
                    }
                    : LabelsJson)
                ]
        ]
    |> Operation.refuses
        [
            ApiGuard.keyNeeded
            Problem.ofUnanswered (UnknownModel(ModelName.ofId "mymodel", [ "squeezenet1_1@1" ]))
            ModelsApi.noLabels
        ]
    |> Operation.requires Keys
