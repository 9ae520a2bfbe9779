/// JPEG files put together segment by segment, and what libvips itself reads of them.
module Tests.Expecto.Worker.Jpegs

open System
open NetVips
open Scenarios.Pictures
open Worker.Imaging

/// Two bytes, big-endian.
let private pair (number: int) = [| byte (number >>> 8); byte number |]

let segment marker (data: byte[]) = JpegWriter.Segment(marker, data)

/// Right behind the file's start.
let insert (segments: byte[]) (file: byte[]) =
    Array.concat [ file[..1]; segments; file[2..] ]

/// Without its segments of one kind, from the start to the first scan.
let without marker (file: byte[]) =
    let rec from at =
        if file[at + 1] = 0xDAuy then
            [ file[at..] ]
        else
            let next = at + 2 + int file[at + 2] * 256 + int file[at + 3]

            [
                if file[at + 1] <> marker then
                    file[at .. next - 1]
            ]
            @ from next

    Array.concat (file[..1] :: from 2)

/// The same picture with its metadata, which can't be removed: the two bytes behind the start are no segment, and the
/// decoder skips them.
let untouched file = insert [| 0xFFuy; 0uy |] file

/// The bytes of it that the decoder gets.
let strip = Containers.rewritten ImageFormat.Jpeg

/// The orientation that libvips reads of the whole file.
let libvipsOrientation (file: byte[]) =
    Vips.EnsureReady()
    use image = Image.NewFromBuffer file
    let field = "orientation"
    Orientation.FromExif(if image.Contains field then unbox (image.Get field) else 1)

/// EXIF's data, number by number.
type Exif =
    {
        /// II, least byte first; else MM.
        Little: bool
    }

    member exif.Short(number: int) =
        if exif.Little then
            pair number |> Array.rev
        else
            pair number

    member exif.Long(number: uint32) =
        let bytes = BitConverter.GetBytes number
        if exif.Little then bytes else Array.rev bytes

    /// The value's four bytes are the caller's.
    member exif.Entry(tag: int, kind: int, count: uint32, value: byte[]) =
        Array.concat [ exif.Short tag; exif.Short kind; exif.Long count; value ]

    /// As every camera writes it.
    member exif.Orientation(value: int) =
        exif.Entry(0x0112, 3, 1u, Array.append (exif.Short value) [| 0uy; 0uy |])

    member exif.Directory(entries: byte[] list, next: uint32) =
        Array.concat [ exif.Short entries.Length; Array.concat entries; exif.Long next ]

    /// From the first directory's offset and what follows it.
    member exif.Data(offset: uint32, rest: byte[]) =
        Array.concat
            [
                "Exif\000\000"B
                (if exif.Little then "II"B else "MM"B)
                exif.Short 42
                exif.Long offset
                rest
            ]

    member exif.Of(entries: byte[] list) =
        exif.Data(8u, exif.Directory(entries, 0u))

let intel = { Little = true }
let motorola = { Little = false }
