/// JPEG files of every kind of colours, the metadata that such files have, and the same files with random changes.
module Tests.Expecto.Worker.ChangedJpegs

open System
open FsCheck
open FsCheck.FSharp
open NetVips
open Tests.Expecto.Worker.Jpegs

/// Bytes as a decoder may get them: JPEG files with other segments, and bytes changed behind the first three.
type Changed = Changed of byte[]

/// Random bytes behind the start of a JPEG, many of them markers and short lengths.
type Noise = Noise of byte[]

/// Pixels along the shorter side.
let side = 20

/// Adobe's segment, which declares how the colours are stored: 0 as they are, 1 as YCbCr, 2 as YCCK.
let private adobe transform =
    segment 0xEEuy (Array.append "Adobe\000\100\000\000\000\000"B [| transform |])

let private scene = lazy (Pictures.scene (side + 4) side)

let private jfif = segment 0xE0uy "JFIF\000\001\001\000\000\001\000\001\000\000"B

/// A file of each kind of colours.
let colours =
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
             "RGB, as Adobe declares", insert (adobe 0uy) whole
             "YCbCr, as JFIF declares, whatever Adobe does", insert (Array.append jfif (adobe 0uy)) whole
             "CMYK", insert (adobe 0uy) cmyk
             "YCCK", insert (adobe 2uy) cmyk
             "CMYK, not Adobe's", cmyk
         ])

let private exif = intel.Of [ intel.Orientation 6 ]

/// One segment of each kind that is removed.
let metadata =
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

/// Segments, and what looks like them.
let private pieces =
    List.map snd metadata
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
    Gen.elements (List.map byte [ 0xFF; 0xFF; 0; 0; 2; 5; 0xE1; 0xEE; 0xFE; 0xDB; 0xDA; 0x41 ])
    |> Gen.arrayOf
    |> Gen.map (Array.append [| 0xFFuy; 0xD8uy; 0xFFuy |] >> Noise)

type Arbitraries =
    static member Changed() = Arb.fromGen changed
    static member Noise() = Arb.fromGen noise
