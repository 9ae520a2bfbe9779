/// A JPEG loses what it only tells, and nothing that its pixels, its colours or its verdict depend on.
module Tests.Expecto.Worker.JpegSegmentsTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NetVips
open Tests.Expecto.Worker.Jpegs
open Worker.Imaging

/// Bytes as a decoder may get them: JPEG files with other segments, and bytes changed behind the first three.
type Changed = Changed of byte[]

/// Bytes behind the start of a JPEG, with a taste for markers and short lengths.
type Noise = Noise of byte[]

let private side = 20

// Nothing that it lets through is costly enough to wait for its turn.
let private limits = ImagingLimits(500_000L, 65_535)

/// The pixels themselves, or why there are none.
let private verdict file =
    Pictures.preprocess (Pictures.plain side side) limits file
    |> Result.mapError _.Reason

/// Adobe's segment, which says how the colours are stored: 0 as they are, 1 as YCbCr, 2 as YCCK.
let private adobe transform =
    segment 0xEEuy (Array.append "Adobe\000\100\000\000\000\000"B [| transform |])

let private scene = lazy (Pictures.scene (side + 4) side)

let private jfif = segment 0xE0uy "JFIF\000\001\001\000\000\001\000\001\000\000"B

let private colours =
    lazy
        (let image = scene.Force()
         let grey = Nullable Enums.Interpretation.Bw
         let inks = Nullable Enums.Interpretation.Cmyk

         let plain (file: byte[]) =
             file |> without 0xE0uy |> without 0xE1uy

         let whole = plain (Pictures.jpeg image)

         let cmyk =
             image.Bandjoin(image.ExtractBand 1).Copy(interpretation = inks).JpegsaveBuffer(q = Nullable 95)
             |> plain
             |> without 0xEEuy

         [
             "YCbCr", insert jfif (plain (image.JpegsaveBuffer(q = Nullable 90)))
             "YCbCr, progressive", plain (image.JpegsaveBuffer(q = Nullable 90, interlace = Nullable true))
             "grey", insert jfif (plain (image.ExtractBand(0).Copy(interpretation = grey).JpegsaveBuffer()))
             "RGB, as Adobe says", insert (adobe 0uy) whole
             "YCbCr, as JFIF says, whatever Adobe does", insert (Array.append jfif (adobe 0uy)) whole
             "CMYK", insert (adobe 0uy) cmyk
             "YCCK", insert (adobe 2uy) cmyk
             "CMYK, not Adobe's", cmyk
         ])

let private exif = intel.Of [ intel.Orientation 6 ]

/// One of each kind that is left out.
let private told =
    [
        "EXIF", segment 0xE1uy exif
        "XMP", segment 0xE1uy "http://ns.adobe.com/xap/1.0/\000<x:xmpmeta/>"B
        "a colour profile", segment 0xE2uy (Array.append "ICC_PROFILE\000\001\001"B (Array.zeroCreate 200))
        "the other pictures' index", segment 0xE2uy "MPF\000II*\000\008\000\000\000"B
        "Photoshop's", segment 0xEDuy "Photoshop 3.0\0008BIM"B
        "a comment", segment 0xFEuy "made by hand"B
        "an empty comment", segment 0xFEuy [||]
        "behind fill bytes", Array.append (Array.create 3 0xFFuy) (segment 0xFEuy "filled"B)
        "the longest", segment 0xE4uy (Array.zeroCreate 65_533)
        for number in [ 3uy .. 12uy ] @ [ 15uy ] do
            $"APP{number}", segment (0xE0uy + number) [| number; 0xFFuy; 0xDAuy |]
    ]

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
                let path = IO.Path.Combine(Pictures.images, "dog.jpg")

                if not (IO.File.Exists path) then
                    skiptest "it lies beside the repository"

                let file = IO.File.ReadAllBytes path
                Expect.isLessThan (strip file).Length (file.Length - 10_000) "what it tells is left out"
                Expect.equal (Pictures.tensorOf file) (Pictures.tensorOf (untouched file)) "the same"
            }
        ]

/// Segments, and what looks like them.
let private pieces =
    List.map snd told
    @ [
        adobe 0uy
        adobe 2uy
        jfif
        segment 0xE1uy (motorola.Of [ motorola.Orientation 8 ])
        segment 0xDDuy [| 0uy; 1uy |]
        segment 0xDBuy (Array.create 65 9uy)
        [| 0xFFuy; 0uy; 0x12uy; 0x34uy |]
        [| 0xFFuy; 0xE1uy; 0uy; 0uy |]
        [| 0xFFuy; 0xE1uy; 0uy; 1uy |]
        [| 0xFFuy; 0xE2uy; 0uy; 40uy |]
        [| 0xFFuy; 0xFEuy; 0xFFuy; 0xFFuy |]
        [| 0xFFuy; 0x01uy |]
        [| 0xFFuy; 0xD0uy |]
        [| 0xFFuy; 0xD8uy |]
        [| 0xFFuy; 0xD9uy |]
        [| 0xFFuy; 0xF0uy; 0uy; 4uy; 1uy; 1uy |]
        [| 0xFFuy; 0xFFuy; 0xFFuy |]
    ]

/// One byte or some of them, rather near the start than far from it; the first three stay.
let private change (file: byte[]) =
    gen {
        let! near = Gen.elements [ true; true; false ]
        let! at = Gen.choose (3, (if near then min 700 file.Length else file.Length) - 1)

        let! value =
            Gen.frequency [ 2, Gen.choose (0, 255); 1, Gen.elements [ 0; 1; 2; 0xFF; 0xDA; 0xE1; 0xEE ] ]

        let! some = Gen.choose (1, 5)
        let rest = file[min file.Length (at + some) ..]

        return!
            Gen.frequency
                [
                    6, Gen.constant (Array.concat [ file[.. at - 1]; [| byte value |]; file[at + 1 ..] ])
                    1, Gen.constant (Array.append file[.. at - 1] rest)
                    1, Gen.constant (Array.concat [ file[.. at - 1]; Array.create some (byte value); rest ])
                    1, Gen.constant (Array.concat [ file[.. at - 1]; file[3..at]; file[at..] ])
                    1, Gen.constant file[.. at - 1]
                ]
    }

let private changed =
    gen {
        let! _, file = Gen.elements (colours.Force())

        let! front =
            Gen.listOf (Gen.elements pieces) |> Gen.map (List.truncate 4 >> Array.concat)

        let! changes = Gen.choose (0, 4)
        let mutable file = insert front file

        for _ in 1..changes do
            if file.Length > 4 then
                let! next = change file
                file <- next

        return Changed file
    }

let private noise =
    Gen.elements
        [
            0xFFuy
            0xFFuy
            0uy
            0uy
            2uy
            5uy
            0xE1uy
            0xEEuy
            0xFEuy
            0xDBuy
            0xDAuy
            0x41uy
        ]
    |> Gen.arrayOf
    |> Gen.map (Array.append [| 0xFFuy; 0xD8uy; 0xFFuy |] >> Noise)

type Arbitraries =
    static member Changed() = Arb.fromGen changed
    static member Noise() = Arb.fromGen noise

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
