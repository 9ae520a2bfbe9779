/// The orientation in EXIF, however the EXIF is broken: a SHORT as EXIF has it, which libvips reads alike.
module Tests.Expecto.Worker.ExifOrientationTests

open System
open Expecto
open Tests.Expecto.Worker.Jpegs
open Worker.Imaging

let private picture =
    lazy
        (use image = Pictures.scene 16 12
         without 0xE1uy (Pictures.jpeg image))

let private app1 = segment 0xE1uy

/// A file with these segments, its orientation as the worker reads it and as libvips does.
let private both segments =
    let file = insert segments (picture.Force())
    let exif = (Containers.info ImageFormat.Jpeg file).Exif

    let value =
        ExifOrientation.Read(ReadOnlySpan(file[exif.Start.Value .. exif.End.Value - 1]))

    Orientation.FromExif(value.GetValueOrDefault()), libvipsOrientation file

let private turned = Orientation.FromExif 6

/// Right but for one thing; `true` where the orientation is 6 all the same.
let private odd (exif: Exif) =
    let orientation kind count value =
        exif.Of [ exif.Entry(0x0112, kind, count, value) ]

    let short = Array.append (exif.Short 6) [| 0uy; 0uy |]
    let at = exif.Long
    let six = exif.Orientation 6
    let pointer tag offset = exif.Entry(tag, 4, 1u, at offset)

    let behind count =
        Array.append (orientation 3 (uint32 count) (at 26u)) (Array.replicate count (exif.Short 6) |> Array.concat)

    let padded (data: byte[]) = Array.append data (Array.zeroCreate 64)

    [
        "a SHORT", exif.Of [ six ], true
        "among others",
        exif.Of
            [
                exif.Entry(0x0100, 4, 1u, at 16u)
                six
                exif.Entry(0x0131, 2, 3u, "ab\000\000"B)
            ],
        true
        "a LONG", orientation 4 1u (at 6u), false
        "a LONG of more than 16 bits", orientation 4 1u (at 0x10006u), false
        "an SLONG", orientation 9 1u (at 6u), false
        "an SSHORT", orientation 8 1u short, false
        "a BYTE", orientation 1 1u [| 6uy; 0uy; 0uy; 0uy |], false
        "an SBYTE", orientation 6 1u [| 6uy; 0uy; 0uy; 0uy |], false
        "two SHORTs", orientation 3 2u (Array.append (exif.Short 6) (exif.Short 8)), true
        "three behind the directory", behind 3, true
        "nine behind the directory", behind 9, true
        "ten behind the directory", behind 10, true
        "three, past the end by one", Array.append (orientation 3 3u (at 26u)) [| 6uy; 6uy; 6uy; 6uy; 6uy |], false
        "three, far away", orientation 3 3u (at 0x7FFFFFFFu), false
        "three, at the last address", orientation 3 3u (at 0xFFFFFFFEu), false
        "2^32 - 1 of them", padded (orientation 3 0xFFFFFFFFu (at 8u)), false
        "2^31 of them", padded (orientation 3 0x80000000u (at 8u)), false
        "2^30 LONGs", padded (orientation 4 0x40000000u (at 6u)), false
        "none of them", orientation 3 0u short, false
        "ASCII", orientation 2 2u "6\000\000\000"B, false
        "UNDEFINED", orientation 7 1u [| 6uy; 0uy; 0uy; 0uy |], false
        "a FLOAT", orientation 11 1u (at 6u), false
        "type 0", orientation 0 1u short, false
        "type 13", orientation 13 1u short, false
        "type 65,535", orientation 0xFFFF 1u short, false
        "0", exif.Of [ exif.Orientation 0 ], false
        "9", exif.Of [ exif.Orientation 9 ], false
        "65,535", exif.Of [ exif.Orientation 0xFFFF ], false
        "twice", exif.Of [ six; exif.Orientation 8 ], true
        "twice, the first in ASCII", exif.Of [ exif.Entry(0x0112, 2, 2u, "6\000\000\000"B); six ], false
        "twice, the first of no bytes", exif.Of [ exif.Entry(0x0112, 3, 0u, short); six ], true
        "the directory further on",
        exif.Data(20u, Array.append (Array.zeroCreate 12) (exif.Directory([ six ], 0u))),
        true
        "the directory in the header", exif.Data(0u, exif.Directory([ six ], 0u)), false
        "the directory at the end", exif.Data(26u, exif.Directory([ six ], 0u)), false
        "the directory past the end", exif.Data(27u, exif.Directory([ six ], 0u)), false
        "the directory far away", exif.Data(0x7FFFFFF8u, exif.Directory([ six ], 0u)), false
        "the directory at the last address", exif.Data(0xFFFFFFFFu, exif.Directory([ six ], 0u)), false
        "more entries declared than there are", exif.Data(8u, Array.concat [ exif.Short 0xFFFF; six ]), true
        "no entry declared", exif.Data(8u, Array.concat [ exif.Short 0; six ]), false
        "a directory that follows itself", exif.Data(8u, exif.Directory([ six ], 8u)), true
        "a next one far away", exif.Data(8u, exif.Directory([ six ], 0xFFFFFFFFu)), true
        "only in the thumbnail's directory",
        exif.Data(8u, Array.append (exif.Directory([], 14u)) (exif.Directory([ six ], 0u))),
        false
        "a directory within itself", exif.Of [ six; pointer 0x8769 8u; pointer 0x8825 8u; pointer 0xA005 8u ], true
        "a thumbnail of 4 GB", exif.Of [ six; pointer 0x0201 8u; pointer 0x0202 0xFFFFFFFFu ], true
        "a directory within, far away", exif.Of [ six; pointer 0x8769 0xFFFFFFFFu ], true
        "only in a directory within",
        exif.Data(8u, Array.append (exif.Directory([ pointer 0x8769 26u ], 0u)) (exif.Directory([ six ], 0u))),
        false
        "a maker's note of 4 GB", exif.Of [ six; exif.Entry(0x927C, 7, 0xFFFFFFFFu, at 8u) ], true
        "uncompressed", exif.Of [ exif.Entry(0x0103, 3, 1u, Array.append (exif.Short 1) [| 0uy; 0uy |]); six ], true
    ]

let private heads =
    let right = intel.Of [ intel.Orientation 6 ]
    let other = motorola.Of [ motorola.Orientation 8 ]

    let head (bytes: byte[]) =
        Array.append bytes right[bytes.Length ..]

    [
        "another byte order", app1 (head "Exif\000\000IM"B), Orientation()
        "the other byte order", app1 (head "Exif\000\000MM"B), Orientation()
        "another number than 42", app1 (head "Exif\000\000II+\000"B), Orientation()
        "a byte behind Exif", app1 (head "Exif\000\001"B), Orientation()
        "exif", app1 (head "exif"B), Orientation()
        "no EXIF", [||], Orientation()
        "in another segment", segment 0xE2uy right, Orientation()
        "behind XMP", Array.append (app1 "http://ns.adobe.com/xap/1.0/\000<x/>"B) (app1 right), turned
        "behind fill bytes", Array.append (Array.create 9 0xFFuy) (app1 right), turned
        "the first of two", Array.append (app1 right) (app1 other), turned
        "the first of two, broken", Array.append (app1 right[..9]) (app1 other), Orientation()
        "the first of two, its head alone", Array.append (app1 "Exif"B) (app1 other), Orientation.FromExif 8
        "behind what is no segment", Array.append [| 0xFFuy; 0uy; 0x12uy |] (app1 right), turned
    ]

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 2000
    }

let tests =
    testList
        "ExifOrientation"
        [
            for name, exif in [ "II", intel; "MM", motorola ] do
                test $"{name}: all eight, as libvips reads them" {
                    for value in 1..8 do
                        let ours, theirs = both (app1 (exif.Of [ exif.Orientation value ]))
                        Expect.equal ours (Orientation.FromExif value) $"{value}"
                        Expect.equal theirs ours $"{value} by libvips"
                }

                for title, data, isRead in odd exif do
                    test $"{name}: {title}" {
                        let ours, _ = both (app1 data)
                        Expect.equal ours (if isRead then turned else Orientation()) "the worker"
                    }

                test $"{name}: cut anywhere" {
                    let whole =
                        Array.append
                            (exif.Of [ exif.Entry(0x0112, 3, 3u, exif.Long 26u) ])
                            (Array.replicate 3 (exif.Short 6) |> Array.concat)

                    for length in 0 .. whole.Length do
                        let ours, theirs = both (app1 whole[.. length - 1])
                        Expect.equal ours theirs $"{length} bytes"
                }

                testPropertyWithConfig config $"{name}: with any bytes changed"
                <| fun (changes: (uint8 * uint8) list) ->
                    let data =
                        exif.Of
                            [
                                exif.Orientation 6
                                exif.Entry(0x0112, 3, 3u, exif.Long 38u)
                                Array.replicate 6 (exif.Short 3) |> Array.concat
                            ]

                    for at, value in changes do
                        data[6 + int at % (data.Length - 6)] <- value % 48uy

                    let ours, theirs = both (app1 data)
                    // libvips reads whole numbers of every type, but no more than nine.
                    ours = theirs || ours = Orientation() || theirs = Orientation()

            for title, segments, expected in heads do
                test title {
                    let file = insert segments (picture.Force())
                    Expect.equal (libvipsOrientation file) expected "libvips"
                    Expect.equal (Pictures.orientationOf file) expected "the worker"
                }
        ]
