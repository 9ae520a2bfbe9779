/// A JPEG loses what it only tells, and nothing that its pixels, its colours or its verdict depend on.
module Tests.Expecto.Worker.JpegSegmentsTests

open System
open Expecto
open NetVips
open Tests.Expecto
open Tests.Expecto.Worker.Jpegs
open Tests.Expecto.Worker.ChangedJpegs
open Worker.Imaging

// Nothing that it lets through is costly enough to wait for its turn.
let private limits = ImagingLimits(500_000L, 65_535)

/// The pixels themselves, or why there are none.
let private verdict file =
    Pictures.preprocess (Pictures.plain side side) limits file
    |> Result.mapError _.Reason

let private pixels (file: byte[]) =
    use image = Image.NewFromBuffer file
    image.WriteToMemory<byte>()

let private plain =
    testList
        "what is left out"
        [
            for name, bytes in told do
                test name {
                    for kind, file in colours.Force() do
                        let with' = insert bytes file
                        Expect.equal (strip with') file kind
                        Expect.equal (pixels (strip with')) (pixels with') $"{kind}, as libvips reads them"
                        Expect.equal (verdict with') (verdict (untouched with')) $"{kind}, for the network"
                        Expect.isOk (verdict with') $"{kind} is a picture"
                }

            test "all of it at once, behind the other segments too" {
                let all = told |> List.map snd |> Array.concat

                for kind, file in colours.Force() do
                    let scan = file.AsSpan().IndexOf([| 0xFFuy; 0xDAuy |].AsSpan())
                    let with' = Array.concat [ file[..1]; all; file[2 .. scan - 1]; all; file[scan..] ]
                    Expect.equal (strip with') file kind
                    Expect.equal (verdict with') (verdict (untouched with')) kind
            }

            test "not what comes behind the first scan" {
                for kind, file in colours.Force() do
                    let behind = Array.append file (segment 0xFEuy "behind"B)
                    Expect.equal (strip behind) behind kind
                    Expect.equal (strip file) file $"{kind}, untouched"

                    let scan = file.AsSpan().IndexOf([| 0xFFuy; 0xDAuy |].AsSpan())
                    let pixels = scan + 2 + int file[scan + 3]

                    for name, bytes in told do
                        for at in [ pixels; file.Length - 2 ] do
                            let between = Array.concat [ file[.. at - 1]; bytes; file[at..] ]
                            Expect.equal (strip between) between $"{kind}, {name} at {at}"
            }

            test "colours depend on what is kept" {
                let files = Map.ofList (colours.Force())
                let seen name = verdict files[name]
                Expect.notEqual (seen "RGB, as Adobe says") (seen "YCbCr, as JFIF says, whatever Adobe does") "RGB"
                Expect.notEqual (seen "YCCK") (seen "CMYK") "YCCK"
            }

            test "a camera's photograph has the tensor that it had" {
                let file = Repository.photograph "dog.jpg"
                Expect.isLessThan (strip file).Length (file.Length - 10_000) "what it tells is left out"
                Expect.equal (Pictures.tensorOf file) (Pictures.tensorOf (untouched file)) "the same"
            }
        ]

let private config =
    { FsCheckConfig.defaultConfig with
        arbitrary = [ typeof<Arbitraries> ]
        maxTest = 2000
    }

let private properties =
    testList
        "whatever the bytes"
        [
            testPropertyWithConfig config "a changed JPEG is decoded, or refused, as it is when nothing is left out"
            <| fun (Changed file) -> verdict file = verdict (untouched file)

            testPropertyWithConfig config "noise behind a JPEG's start too"
            <| fun (Noise file) -> verdict file = verdict (untouched file)

            testPropertyWithConfig config "twice is once, and never longer"
            <| fun (file: byte[]) (Noise other) (Changed third) ->
                [ file; other; third ]
                |> List.forall (fun bytes ->
                    let once = strip bytes
                    once.Length <= bytes.Length && strip once = once)

            test "a segment that breaks off stays" {
                for name, bytes in told do
                    let cut = insert bytes [| 0xFFuy; 0xD8uy |]

                    for length in [ 3..40 ] @ [ cut.Length - 1 ] |> List.filter ((>) cut.Length) do
                        Expect.equal (strip cut[.. length - 1]) cut[.. length - 1] $"{name}, {length} bytes"
            }

            test "cut anywhere, it is refused as it was" {
                let _, file = List.head (colours.Force())
                let with' = insert (Array.concat [ snd told[0]; snd told[5]; snd told[7] ]) file

                for length in 3 .. with'.Length - 1 do
                    let cut = with'[.. length - 1]
                    Expect.equal (verdict cut) (verdict (untouched cut)) $"{length} bytes"
            }
        ]

let tests = testList "JpegSegments" [ plain; properties ]
