/// OpenAPI metadata of the routes of KServe's V1 protocol.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.PredictOperations

open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference
open Web.Giraffe.Handlers.InferenceGroup

let models =
    operation "predictModels" "Models" "The models in service, as KServe's V1 protocol lists them."
    |> Operation.reply
        200
        "The models"
        [
            Media.json [ "The models", ({ Models = [| "squeezenet1_1" |] }: ModelListV1) ]
        ]
    |> fails [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys

let model =
    operation "predictModel" "Model status" "Whether the model is ready, as KServe and TensorFlow Serving say it."
    |> readiness
        (fun ready -> PredictJson.status ready (Model.undescribed "squeezenet1_1"))
        [ ApiGuard.keyNeeded; unknownModel ]
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
    |> fails (pictureProblems "The request has neither 'instances' nor 'inputs'.")
    |> Operation.requires Keys
    |> versions
