/// Pillow's resize of 8-bit pictures, from its documentation and in whole numbers as its C code: an own implementation
/// to compare the worker's with.
module Tests.Expecto.Worker.PillowResize

open System

/// A filter: it is 0 outside ±support, which widens with the reduction if it is antialiased.
type Filter =
    {
        Support: float
        Antialias: bool
        Kernel: float -> float
    }

let bilinear =
    {
        Support = 1.0
        Antialias = true
        Kernel = fun x -> max 0.0 (1.0 - abs x)
    }

/// Of the two nearest pixels alone.
let bilinearWithoutAntialias = { bilinear with Antialias = false }

let bicubic =
    {
        Support = 2.0
        Antialias = true
        Kernel =
            fun x ->
                let x = abs x

                if x < 1.0 then
                    1.5 * x ** 3.0 - 2.5 * x ** 2.0 + 1.0
                elif x < 2.0 then
                    -0.5 * x ** 3.0 + 2.5 * x ** 2.0 - 4.0 * x + 2.0
                else
                    0.0
    }

/// The weights of a target pixel in fractions of 2^22, from a first source pixel on.
[<Struct>]
type Taps = { First: int; Weights: int[] }

/// The weights, which sum to 1, from a first source pixel on.
let shares filter source target index =
    let scale = float source / float target
    let stretch = if filter.Antialias then max scale 1.0 else 1.0
    let reach = filter.Support * stretch
    let centre = (float index + 0.5) * scale
    let first = max 0 (int (centre - reach + 0.5))
    let last = min source (int (centre + reach + 0.5)) - 1

    let raw =
        [|
            for x in first..last -> filter.Kernel((float x - centre + 0.5) * (1.0 / stretch))
        |]

    first, raw |> Array.map (fun weight -> weight / Array.sum raw)

/// A pixel of one channel, resized in double precision.
let exact filter (width, height) (across, down) (pixel: int -> int -> float) x y =
    let left, columns = shares filter width across x
    let top, rows = shares filter height down y

    Seq.sum (
        seq {
            for i in 0 .. columns.Length - 1 do
                for j in 0 .. rows.Length - 1 -> columns[i] * rows[j] * pixel (left + i) (top + j)
        }
    )

let private taps filter source target index =
    let first, shares = shares filter source target index

    {
        First = first
        Weights =
            shares
            |> Array.map (fun share -> int (Math.Round(share * float (1 <<< 22), MidpointRounding.AwayFromZero)))
    }

/// One pass over pixels of three bytes: along each of the lines, whose starts are `line` bytes apart and whose pixels
/// are `step` bytes apart.
let private pass (taps: Taps[]) lines (line, step) (targetLine, targetStep) (source: byte[]) =
    let target = Array.zeroCreate<byte>(lines * taps.Length * 3)

    for y in 0 .. lines - 1 do
        for x in 0 .. taps.Length - 1 do
            let { First = first; Weights = weights } = taps[x]

            for channel in 0..2 do
                let mutable sum = 1 <<< 21
                let mutable at = y * line + first * step + channel

                for i in 0 .. weights.Length - 1 do
                    sum <- sum + weights[i] * int source[at]
                    at <- at + step

                target[y * targetLine + x * targetStep + channel] <- byte (Math.Clamp(sum >>> 22, 0, 255))

    target

/// A row of `target` pixels from the first ones of a resized row.
let row filter source target count (rgb: byte[]) =
    pass (Array.init count (taps filter source target)) 1 (0, 3) (0, 3) rgb

/// The target size of both axes if the shorter side becomes `side`, as torchvision computes it.
let size side (width: int, height: int) =
    let longer = int (float side * float (max width height) / float (min width height))

    if width <= height then side, longer else longer, side

/// The first kept pixel of a centred crop.
let cropStart target crop =
    int (Math.Round(float (target - crop) / 2.0))

/// A square of `crop` from the middle of the picture, resized so that its shorter side is `side`: rows of RGB.
let shorterSide filter side crop (width, height) (rgb: byte[]) =
    let across, down = size side (width, height)

    let kept source target =
        Array.init crop (fun i -> taps filter source target (cropStart target crop + i))

    rgb
    |> pass (kept width across) height (3 * width, 3) (3 * crop, 3)
    |> pass (kept height down) crop (3, 3 * crop) (3, 3 * crop)
