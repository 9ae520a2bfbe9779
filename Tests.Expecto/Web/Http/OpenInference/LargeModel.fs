/// A model with more classes than an extended exchange lists, and a worker that serves it and its tensors.
module Tests.Expecto.Web.LargeModel

open System
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest

let internal classes = 2500

let internal tensors: NetworkTensors =
    {
        Input =
            {
                Name = "data"
                Type = "FP32"
                Shape = [| 1; 2; 2 |]
            }
        Output =
            {
                Name = "scores"
                Type = "FP32"
                Shape = [| classes + 1 |]
            }
    }

let internal served hasTensors : ServedModels =
    {
        Default = "large"
        Executors = 3
        Revision = "1"
        Models =
            [|
                {
                    Id = "large"
                    Version = "7"
                    Digest = "d"
                    Title = "Large"
                    State = ModelState.Ready
                    Error = ""
                    Classes = classes
                    Width = 2
                    Height = 2
                    Channels = 1
                    Resize = InputResize.Unknown
                    Output = OutputValues.Logits
                    HasMaps = false
                    Tensors = if hasTensors then ValueSome tensors else ValueNone
                    HasTree = false
                    Covers = ""
                    Labels = [||]
                    Synonyms = [||]
                }
            |]
    }

/// The value of a class: its number over the number of classes; a tensor's first element is added to each.
let internal recognizes (picture: byte[]) (parameters: Parameters) : Recognition =
    let offset =
        if parameters.Tensor then
            BitConverter.ToSingle(picture, 0)
        else
            0.0f

    { Recognition.ofPredictions [||] with
        Model = "large"
        Version = "7"
        Revision = "1"
        Classes =
            [|
                for rank in 0 .. Parameters.classes parameters - 1 ->
                    {
                        Index = classes - 1 - rank
                        Label = $"class {classes - 1 - rank}"
                        Probability = 1.0 / float (rank + 2) / 10.0
                    }
            |]
        Values =
            if parameters.Tensor then
                Array.init (classes + 1) (fun index -> offset + float32 index)
            elif parameters.Values then
                Array.init classes (fun index -> float32 index / 10_000_000.0f)
            else
                [||]
    }

let internal serveLarge hasTensors =
    WebUnderTest.StartDescribed([], [ new TestWorker(Recognizes recognizes, Models = served hasTensors) ])

let internal infer web (model: string) json =
    postJsonTo web $"/v2/models/{model}/infer" json
