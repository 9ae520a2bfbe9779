/// ONNX Runtime by itself: the second opinion on what the worker makes of a tensor.
[<RequireQualifiedAccess>]
module Tests.Expecto.Worker.OnnxRuntime

open Microsoft.ML.OnnxRuntime

/// The first output of a network's file for a tensor of this shape.
let run (path: string) (shape: int64[]) (tensor: float32[]) =
    use session = new InferenceSession(path)
    use input = OrtValue.CreateTensorValueFromMemory(tensor, shape)
    use options = new RunOptions()

    use outputs =
        session.Run(options, session.InputNames, [| input |], session.OutputNames)

    outputs[0].GetTensorDataAsSpan<float32>().ToArray()
