/// Pictures that the tests draw themselves, and what the worker makes of them.
module Tests.Expecto.Worker.Pictures

open System
open System.IO
open Expecto
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

/// The tensor that a preprocessor makes, or why there is none.
let run (preprocessor: Preprocessor) length (file: byte[]) =
    let tensor = Array.zeroCreate<float32> length

    match preprocessor.Run(ReadOnlySpan file, tensor.AsSpan()) with
    | null -> Ok tensor
    | refusal -> Error refusal

let preprocess (model: Preprocessing) (limits: ImagingLimits) file =
    run (Preprocessor(model, limits)) model.Length file

/// The tensor in this mode; fails for a refused picture.
let planesIn mode (model: Preprocessing) file =
    match run (Preprocessor(model, ImagingLimits.Standard, mode)) model.Length file with
    | Ok tensor -> tensor
    | Error refusal -> failtest $"refused: {refusal}"

let planesOf model file = planesIn ResizeMode.Faithful model file

let tensorOf file = planesOf squeezenet file

/// Why it is refused; none where it is not.
let refusalOf limits file =
    match preprocess squeezenet limits file with
    | Ok _ -> None
    | Error refusal -> Some refusal

let reasonOf file =
    refusalOf ImagingLimits.Standard file |> Option.map _.Reason

/// Expects a refusal for this reason, whose detail has these words.
let isRefused limits reason (words: string) file name =
    match refusalOf limits file with
    | Some refusal ->
        Expect.equal refusal.Reason reason $"{name}: {refusal.Detail}"
        Expect.stringContains refusal.Detail words name
    | None -> failtest $"{name}: not refused"

/// Expects a refusal for this reason by the standard limits.
let reasonIs reason file name =
    isRefused ImagingLimits.Standard reason "" file name

/// Rows of RGB, 0 … 255 each, of planes whose values are 0 … 1.
let levels (planes: float32[]) =
    Array.init planes.Length (fun i -> planes[i % 3 * planes.Length / 3 + i / 3] * 255f |> round |> int)

/// The kept square's pixels, rows of RGB.
let pixelsOf file = planesOf (plain 256 224) file |> levels

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

let avif (image: Image) =
    image.HeifsaveBuffer(compression = Nullable Enums.ForeignHeifCompression.Av1, q = Nullable 95)

/// One of its bands.
let grey band (image: Image) =
    image.ExtractBand(band: int).Copy(interpretation = Nullable Enums.Interpretation.Bw)

/// With 16 bits a sample, whose low bytes are not 0.
let deep (image: Image) =
    use shorts = (image * 256.0 + 200.0).Cast(Enums.BandFormat.Ushort)
    shorts.Copy(interpretation = Nullable Enums.Interpretation.Rgb16)

/// CMYK: all cyan, half yellow and a fifth of black.
let inks () =
    (flat 300 300 [| 255uy; 0uy; 128uy; 51uy |]).Copy(interpretation = Nullable Enums.Interpretation.Cmyk)

/// What Pillow shows of `inks`.
let inksAsRgb = [| 0uy; 204uy; 102uy |]

/// An animation, or pages.
let animated (frames: Image list) =
    use joined = Image.Arrayjoin(List.toArray frames, across = Nullable 1)
    joined.Mutate(fun header -> header.Set(GValue.GIntType, "page-height", frames.Head.Height))

/// The picture, then its negative.
let film width height =
    use image = scene width height
    use negative = image.Invert()
    animated [ image; negative ]

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

/// As the worker reads it.
let orientationOf (file: byte[]) =
    match
        ImageDecoder.Open(ReadOnlySpan file, ImagingLimits.Standard, DecodeScale.None, LargeImageGate.OfProcess)
        |> fst
    with
    | null -> failtest "refused"
    | image ->
        use image = image
        image.Orientation
