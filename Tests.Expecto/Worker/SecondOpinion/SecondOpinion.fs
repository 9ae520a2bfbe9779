/// The second opinion on a picture: decoded by ImageSharp or Chromium, resized by `PillowResize`, and classified by ONNX
/// Runtime, without any code of the worker.
module Tests.Expecto.Worker.SecondOpinion

open System
open System.IO
open Microsoft.ML.OnnxRuntime
open SixLabors.ImageSharp
open SixLabors.ImageSharp.PixelFormats
open SixLabors.ImageSharp.Processing
open Tests.Expecto

/// Rows of RGB, over white.
type Pixels = { Size: int * int; Rgb: byte[] }

let private overWhite (image: Image<Rgba32>) =
    let bytes = Array.zeroCreate<byte>(image.Width * image.Height * 4)
    image.Frames.RootFrame.CopyPixelDataTo(Span bytes)

    {
        Size = image.Width, image.Height
        Rgb =
            Array.init (image.Width * image.Height * 3) (fun i ->
                let at = i / 3 * 4
                let level, alpha = int bytes[at + i % 3], int bytes[at + 3]
                byte ((level * alpha + 255 * (255 - alpha) + 127) / 255))
    }

/// The picture as stored, then turned.
let turned (turn: IImageProcessingContext -> unit) (file: byte[]) =
    use image = Image.Load<Rgba32> file
    image.Mutate turn
    overWhite image

/// With EXIF's orientation applied.
let imageSharp (file: byte[]) =
    turned (fun context -> context.AutoOrient() |> ignore) file

let private draw =
    """async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const image = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' });
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.width, image.height];
        const context = canvas.getContext('2d');
        context.fillStyle = 'white';
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.drawImage(image, 0, 0);
        return canvas.toDataURL('image/png').split(',')[1];
    }"""

/// Each file as Chromium shows it.
let chromium (files: byte[] list) =
    let pixels = Collections.Generic.List<Pixels>()

    (Browser.Browser.visit 1 Browser.Browser.desktop (fun tab ->
        task {
            for file in files do
                let! png = tab.Page.EvaluateAsync<string>(draw, Convert.ToBase64String file)
                pixels.Add(imageSharp (Convert.FromBase64String png))
        }))
        .GetAwaiter()
        .GetResult()

    List.ofSeq pixels

let private session =
    lazy
        (let options = new SessionOptions(IntraOpNumThreads = 1)
         new InferenceSession(Path.Combine(Repository.modelMirror, "squeezenet1_1", "squeezenet1_1.onnx"), options))

let private mean, deviation =
    [| 0.485f; 0.456f; 0.406f |], [| 0.229f; 0.224f; 0.225f |]

/// The probability of every class.
let classify (pixels: Pixels) =
    let square =
        PillowResize.shorterSide PillowResize.bilinear 256 224 pixels.Size pixels.Rgb

    let tensor =
        Array.init (3 * 224 * 224) (fun i ->
            let channel = i / (224 * 224)

            (float32 square[i % (224 * 224) * 3 + channel] / 255f - mean[channel])
            / deviation[channel])

    let network = session.Value
    use input = OrtValue.CreateTensorValueFromMemory(tensor, [| 1L; 3L; 224L; 224L |])
    use run = new RunOptions()

    use outputs =
        network.Run(run, [| Seq.head network.InputNames |], [| input |], [| Seq.head network.OutputNames |])

    let logits = outputs[0].GetTensorDataAsSpan<float32>().ToArray() |> Array.map float

    let most = Array.max logits
    let powers = logits |> Array.map (fun logit -> exp (logit - most))
    let sum = Array.sum powers
    powers |> Array.map (fun power -> power / sum)
