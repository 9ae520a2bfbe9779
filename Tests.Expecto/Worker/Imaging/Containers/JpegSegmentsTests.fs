/// Rewriting a JPEG removes its metadata, and nothing that its pixels, its colours or its refusal depend on.
module Tests.Expecto.Worker.JpegSegmentsTests

open System
open Expecto
open NetVips
open Tests.Expecto
open Tests.Expecto.Worker.Jpegs
open Tests.Expecto.Worker.ChangedJpegs
open Worker.Imaging

// None of the accepted pictures is large enough to wait for the gate.
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
        "metadata"
        [
            for name, bytes in metadata do
                test name {
                    for kind, file in colours.Force() do
                        let with' = insert bytes file
                        Expect.equal (strip with') file kind
                        Expect.equal (pixels (strip with')) (pixels with') $"{kind}, as libvips reads them"
                        Expect.equal (verdict with') (verdict (untouched with')) $"{kind}, for the network"
                        Expect.isOk (verdict with') $"{kind} is a picture"
                }

            test "metadata before the first scan is removed, whatever surrounds it" {
                let all = metadata |> List.map snd |> Array.concat

                for kind, file in colours.Force() do
                    let scan = file.AsSpan().IndexOf([| 0xFFuy; 0xDAuy |].AsSpan())
                    let with' = Array.concat [ file[..1]; all; file[2 .. scan - 1]; all; file[scan..] ]
                    Expect.equal (strip with') file kind
                    Expect.equal (verdict with') (verdict (untouched with')) kind
            }

            test "metadata between and behind a progressive JPEG's scans is removed, and behind an only scan kept" {
                for kind, file in colours.Force() do
                    let isProgressive = kind.Contains "progressive"
                    let behind = Array.append file (segment 0xFEuy "behind"B)
                    Expect.equal (strip behind) (if isProgressive then file else behind) kind
                    Expect.equal (strip file) file $"{kind}, untouched"

                    let scan = file.AsSpan().LastIndexOf([| 0xFFuy; 0xDAuy |].AsSpan())
                    let pixels = scan + 2 + int file[scan + 3]

                    for name, bytes in metadata do
                        for at in [ (if isProgressive then scan else pixels); file.Length - 2 ] do
                            let between = Array.concat [ file[.. at - 1]; bytes; file[at..] ]

                            Expect.equal
                                (strip between)
                                (if isProgressive then file else between)
                                $"{kind}, {name} at {at}"
            }

            test "colours depend on what is kept" {
                let files = Map.ofList (colours.Force())
                let seen name = verdict files[name]

                Expect.notEqual
                    (seen "RGB, as Adobe declares")
                    (seen "YCbCr, as JFIF declares, whatever Adobe does")
                    "RGB"

                Expect.notEqual (seen "YCCK") (seen "CMYK") "YCCK"
            }

            test "a photograph's tensor does not depend on its metadata" {
                let file = Repository.photograph "dog.jpg"
                Expect.isLessThan (strip file).Length (file.Length - 10_000) "its metadata is removed"
                Expect.equal (Pictures.tensorOf file) (Pictures.tensorOf (untouched file)) "the same"
            }
        ]

let private config =
    { FsCheckConfig.defaultConfig with
        arbitrary = [ typeof<Arbitraries> ]
        maxTest = 2000
    }

/// The pixels that libvips itself reads; none if it refuses the file, for example because it is cut short.
let private libvips (file: byte[]) =
    Vips.EnsureReady()

    try
        use image =
            Image.NewFromBuffer(
                file,
                access = Nullable Enums.Access.Sequential,
                failOn = Nullable Enums.FailOn.Truncated
            )

        if image.Width * image.Height > 500_000 then
            None
        else
            Some(image.WriteToMemory<byte>())
    with :? VipsException ->
        None

/// The removed bytes change no pixel, and libvips refuses every refused file too.
let private agrees file =
    match Containers.read ImageFormat.Jpeg file with
    | Ok(_, bytes) -> libvips bytes = libvips file
    | Error refusal -> refusal.Reason = RefusalReason.Unsupported || libvips file = None

let private properties =
    testList
        "whatever the bytes"
        [
            testPropertyWithConfig config "a changed JPEG has the pixels that libvips reads of the whole file"
            <| fun (Changed file) -> agrees file

            testPropertyWithConfig config "noise behind a JPEG's start too"
            <| fun (Noise file) -> agrees file

            testPropertyWithConfig config "rewriting twice equals rewriting once, and never adds bytes"
            <| fun (Noise other) (Changed third) ->
                [ other; third ]
                |> List.forall (fun bytes ->
                    match Containers.read ImageFormat.Jpeg bytes with
                    | Ok(_, once) -> once.Length <= bytes.Length && strip once = once
                    | Error _ -> true)

            test "a segment that breaks off is refused" {
                for name, bytes in metadata do
                    let cut = insert bytes [| 0xFFuy; 0xD8uy |]

                    for length in [ 3..40 ] @ [ cut.Length - 1 ] |> List.filter ((>) cut.Length) do
                        Expect.isError (Containers.read ImageFormat.Jpeg cut[.. length - 1]) $"{name}, {length} bytes"
            }

            test "cut anywhere, it is refused as libvips does" {
                let _, file = List.head (colours.Force())

                let with' =
                    insert (Array.concat [ snd metadata[0]; snd metadata[5]; snd metadata[7] ]) file

                for length in 3 .. with'.Length - 1 do
                    Expect.isTrue (agrees with'[.. length - 1]) $"{length} bytes"
            }
        ]

let tests = testList "JpegSegments" [ plain; properties ]
