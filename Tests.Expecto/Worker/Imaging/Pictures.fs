/// Pictures that the tests draw themselves, and what the worker makes of them.
module Tests.Expecto.Worker.Pictures

open System
open System.IO
open NetVips
open Tests.Expecto
open Worker.Imaging
open Worker.Models

/// Where the model and the reference photographs lie: MODEL_MIRROR, or shared/ beside the repository.
let mirrors =
    match Environment.GetEnvironmentVariable "MODEL_MIRROR" with
    | null
    | "" -> [ Path.Combine(Repository.root, "..", "shared", "models") ]
    | list -> List.ofArray (list.Split Path.PathSeparator)

let images = Path.Combine(Repository.root, "..", "shared", "images")

/// SqueezeNet's own preprocessing.
let squeezenet =
    Preprocessing.Square(256, 224, [| 0.485f; 0.456f; 0.406f |], [| 0.229f; 0.224f; 0.225f |])

/// Pixel values 0 … 1, so that a tensor reads as a picture.
let plain shortSide crop =
    Preprocessing.Square(shortSide, crop, [| 0f; 0f; 0f |], [| 1f; 1f; 1f |])

/// The tensor, or why there is none.
let preprocess (model: Preprocessing) (limits: ImagingLimits) (file: byte[]) =
    let tensor = Array.zeroCreate<float32> model.Length

    match Preprocessor(model, limits).Run(ReadOnlySpan file, tensor.AsSpan()) with
    | null -> Ok tensor
    | refusal -> Error refusal

let tensorOf file =
    match preprocess squeezenet ImagingLimits.Standard file with
    | Ok tensor -> tensor
    | Error refusal -> failwith $"refused: {refusal}"

/// Why it is refused; none where it is not.
let refusalOf limits file =
    match preprocess squeezenet limits file with
    | Ok _ -> None
    | Error refusal -> Some refusal

let reasonOf file =
    refusalOf ImagingLimits.Standard file |> Option.map _.Reason

/// The kept square's pixels, 0 … 255 each, rows of RGB.
let pixelsOf file =
    match preprocess (plain 256 224) ImagingLimits.Standard file with
    | Error refusal -> failwith $"refused: {refusal}"
    | Ok tensor -> Array.init (224 * 224 * 3) (fun i -> tensor[i % 3 * 224 * 224 + i / 3] * 255f |> round |> int)

/// The largest difference between two of the same shape.
let distance (a: 'T[]) (b: 'T[]) toFloat =
    Array.fold2 (fun most x y -> max most (abs (toFloat x - toFloat y))) 0.0 a b

let private fromBytes (rgb: byte[]) width height bands =
    Image.NewFromMemoryCopy<byte>(ReadOnlySpan rgb, width, height, bands, Enums.BandFormat.Uchar)

/// From the pixel at (x, y) to its bands.
let draw width height bands (pixel: int -> int -> byte[]) =
    let bytes =
        Array.concat
            [
                for y in 0 .. height - 1 do
                    for x in 0 .. width - 1 -> pixel x y
            ]

    use raw = fromBytes bytes width height bands

    raw.Copy(
        interpretation =
            Nullable(
                if bands < 3 then
                    Enums.Interpretation.Bw
                else
                    Enums.Interpretation.Srgb
            )
    )

/// Smooth, coloured, and different in every direction.
let scene width height =
    draw width height 3 (fun x y ->
        let u, v = float x / float width, float y / float height
        let ring = 0.5 + 0.5 * cos (30.0 * sqrt ((u - 0.3) ** 2.0 + (v - 0.4) ** 2.0))

        [|
            byte (255.0 * u)
            byte (255.0 * v * ring)
            byte (255.0 * (1.0 - u) * (1.0 - v))
        |])

let flat width height (colour: byte[]) =
    draw width height colour.Length (fun _ _ -> colour)

let png (image: Image) = image.PngsaveBuffer()

let jpeg (image: Image) =
    image.JpegsaveBuffer(q = Nullable 95, subsampleMode = Nullable Enums.ForeignSubsample.Off)

/// The same picture stored the way that the EXIF orientation says.
let stored orientation (shown: Image) =
    match orientation with
    | 2 -> shown.FlipHor()
    | 3 -> shown.Rot180()
    | 4 -> shown.FlipVer()
    | 5 -> shown.Rot90().FlipHor()
    | 6 -> shown.Rot270()
    | 7 -> shown.Rot90().FlipVer()
    | 8 -> shown.Rot90()
    | _ -> shown.Copy()

let tagged (orientation: int) (image: Image) =
    image.Mutate(fun header -> header.Set(GValue.GIntType, "orientation", orientation))
