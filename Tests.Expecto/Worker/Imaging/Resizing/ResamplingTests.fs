module Tests.Expecto.Worker.ResamplingTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Worker.Imaging
open Worker.Models

type private Case =
    {
        Width: int
        Height: int
        ShortSide: int
        Crop: int
        Seed: int
    }

let private case =
    gen {
        let! width = Gen.choose (1, 70)
        let! height = Gen.choose (1, 70)
        let! shortSide = Gen.choose (1, 50)
        let! crop = Gen.choose (1, shortSide)
        let! seed = Gen.choose (0, 1_000_000)

        return
            {
                Width = width
                Height = height
                ShortSide = shortSide
                Crop = crop
                Seed = seed
            }
    }

type private Arbitraries =
    static member Case() = Arb.fromGen case

let private config =
    { FsCheckConfig.defaultConfig with
        arbitrary = [ typeof<Arbitraries> ]
        maxTest = 200
    }

/// The picture of a case, and its bytes.
let private noise case =
    let bytes = Array.zeroCreate<byte>(case.Width * case.Height * 3)
    Random(case.Seed).NextBytes bytes
    Pictures.draw case.Width case.Height 3 (fun x y -> Array.sub bytes ((y * case.Width + x) * 3) 3), bytes

/// The rows of RGB of a case's crop in a mode, and the case's bytes.
let private resized mode case =
    let image, bytes = noise case
    use image = image

    Pictures.planesIn mode (Pictures.plain case.ShortSide case.Crop) (Pictures.png image)
    |> Pictures.levels,
    bytes

/// The weights of all source pixels by the definition of the filter: a triangle, as wide as the reduction.
let private triangle source target index =
    let scale = float source / float target
    let centre = (float index + 0.5) * scale

    let raw =
        Array.init source (fun x -> max 0.0 (1.0 - abs (float x + 0.5 - centre) / max scale 1.0))

    raw |> Array.map (fun weight -> weight / Array.sum raw)

let private referenceAgrees case =
    for index in 0 .. case.ShortSide - 1 do
        let first, shares =
            PillowResize.shares PillowResize.bilinear case.Width case.ShortSide index

        let all = Array.zeroCreate case.Width
        Array.blit shares 0 all first shares.Length
        Expect.isLessThan (Pictures.distance all (triangle case.Width case.ShortSide index) id) 1e-9 $"{case}: {index}"

let private agrees case =
    let found, bytes = resized ResizeMode.Faithful case

    let expected =
        PillowResize.shorterSide PillowResize.bilinear case.ShortSide case.Crop (case.Width, case.Height) bytes

    Expect.equal found (Array.map int expected) $"{case}"

/// The float32 passes against double precision.
let private agreesExactly case =
    let found, bytes = resized ResizeMode.Exact case
    let size = case.Width, case.Height
    let across, down = PillowResize.size case.ShortSide size

    let left, top =
        PillowResize.cropStart across case.Crop, PillowResize.cropStart down case.Crop

    for i in 0 .. found.Length - 1 do
        let x, y, channel = i / 3 % case.Crop, i / 3 / case.Crop, i % 3

        let value x y =
            float bytes[(y * case.Width + x) * 3 + channel]

        let expected =
            PillowResize.exact PillowResize.bilinear size (across, down) value (left + x) (top + y)

        // Rounded once, at the end.
        if abs (float found[i] - expected) > 0.501 then
            failtest $"channel {channel} at {x}, {y}: {found[i]}, not {expected}"

let private filters =
    [
        "bilinear", Interpolation.BilinearAntialias, PillowResize.bilinear
        "bicubic", Interpolation.Bicubic, PillowResize.bicubic
        "bilinear without antialias", Interpolation.Bilinear, PillowResize.bilinearWithoutAntialias
    ]

let private alongAgrees (interpolation: Interpolation) reference case =
    let mirrored = case.Seed % 2 = 0
    let axis = AxisWeights()
    axis.Prepare(case.Width, case.ShortSide, 0, case.Crop, mirrored, 1, interpolation)
    let source = Array.zeroCreate<byte>(case.Width * 3)
    Random(case.Seed).NextBytes source

    let turn (row: byte[]) =
        if mirrored then
            row |> Array.chunkBySize 3 |> Array.rev |> Array.concat
        else
            row

    let expected =
        turn (PillowResize.row reference case.Width case.ShortSide case.Crop (turn source))

    let row = Array.zeroCreate<byte>(Resampling.Stride(axis.End - axis.First))
    Array.blit source (axis.First * 3) row 0 ((axis.End - axis.First) * 3)

    let target = Array.zeroCreate<byte>(Resampling.Stride case.Crop)
    Resampling.Along(axis, ReadOnlySpan row, target.AsSpan())
    Expect.equal target[.. case.Crop * 3 - 1] expected $"{case}"

let tests =
    testList
        "Resampling"
        [
            testPropertyWithConfig config "the reference's weights are those of the definition" (fun (case: Case) ->
                referenceAgrees case)

            testPropertyWithConfig config "the float resize rounds once, whatever the sizes" (fun (case: Case) ->
                agreesExactly case)

            testPropertyWithConfig config "the resize is Pillow's to the bit, whatever the sizes" (fun (case: Case) ->
                agrees case)

            test "ties of the first pass that double precision would break the other way are broken as by Pillow" {
                agrees
                    {
                        Width = 26
                        Height = 38
                        ShortSide = 39
                        Crop = 35
                        Seed = 500470
                    }
            }

            for name, interpolation, reference in filters do
                testPropertyWithConfig config $"along a row, %s{name} is Pillow's" (fun (case: Case) ->
                    alongAgrees interpolation reference case)

            test "nearest takes the pixel under the centre" {
                let axis = AxisWeights()
                axis.Prepare(7, 3, 0, 3, false, 1, Interpolation.Nearest)
                Expect.equal (Array.truncate 3 axis.Starts) [| 1; 3; 5 |] "of seven"
                Expect.equal axis.Weights[..2] (Array.create 3 (1 <<< AxisWeights.Precision)) "whole"
                axis.Prepare(3, 7, 0, 7, false, 1, Interpolation.Nearest)
                Expect.equal (Array.truncate 7 axis.Starts) [| 0; 0; 1; 1; 1; 2; 2 |] "of three"
            }

            test "a picture of the target's size is untouched" {
                use image = Pictures.scene 256 256
                let pixels = Pictures.pixelsOf (Pictures.png image)
                let original = image.Crop(16, 16, 224, 224).WriteToMemory<byte>() |> Array.map int
                Expect.equal pixels original "the middle, byte for byte"
            }

            test "one colour stays that colour at every scale" {
                for width, height in [ 1, 1; 2, 300; 255, 257; 1000, 40; 20, 6000 ] do
                    use image = Pictures.flat width height [| 200uy; 100uy; 50uy |]

                    for i, value in Array.indexed (Pictures.pixelsOf (Pictures.png image)) do
                        if value <> [| 200; 100; 50 |][i % 3] then
                            failtest $"{width} x {height}: {value} at {i}"
            }
        ]
