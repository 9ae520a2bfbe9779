/// PNG and WebP files put together chunk by chunk.
module Tests.Expecto.Worker.Files

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing

let private bigEndian (number: uint32) =
    BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness number)

/// A chunk of a PNG with its length and checksum.
let pngChunk (kind: byte[]) (data: byte[]) =
    let named = Array.append kind data
    Array.concat [ bigEndian (uint32 data.Length); named; bigEndian (Crc32.HashToUInt32 named) ]

let pngSignature =
    [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

/// The header chunk of a PNG that is not interlaced.
let pngHeader (width: int) (height: int) bits colourType =
    pngChunk
        "IHDR"B
        (Array.concat
            [
                bigEndian (uint32 width)
                bigEndian (uint32 height)
                [| byte bits; byte colourType; 0uy; 0uy; 0uy |]
            ])

let pngEnd = pngChunk "IEND"B [||]

let zlib (data: byte[]) =
    use target = new MemoryStream()
    use deflater = new ZLibStream(target, CompressionLevel.Optimal, true)
    deflater.Write(data, 0, data.Length)
    deflater.Dispose()
    target.ToArray()

/// The signature and header of a PNG, its other chunks, and its end.
let private split (file: byte[]) =
    file[..32], file[33 .. file.Length - 13], file[file.Length - 12 ..]

/// Chunks behind the header.
let withChunks (chunks: byte[]) (file: byte[]) =
    let head, body, tail = split file
    Array.concat [ head; chunks; body; tail ]

/// Chunks before the end.
let withLastChunks (chunks: byte[]) (file: byte[]) =
    let head, body, tail = split file
    Array.concat [ head; body; chunks; tail ]

/// EXIF as ImageMagick writes it to a text.
let rawProfile (exif: byte[]) =
    let digits =
        Convert.ToHexStringLower exif
        |> Seq.chunkBySize 72
        |> Seq.map String
        |> String.concat "\n"

    Text.Encoding.ASCII.GetBytes $"\nexif\n%8d{exif.Length}\n{digits}\n"

let tEXt (keyword: string) (text: byte[]) =
    pngChunk "tEXt"B (Array.concat [ Text.Encoding.Latin1.GetBytes(keyword + "\000"); text ])

let zTXt (keyword: string) (text: byte[]) =
    pngChunk "zTXt"B (Array.concat [ Text.Encoding.Latin1.GetBytes(keyword + "\000\000"); zlib text ])

let iTXt (keyword: string) isCompressed (text: byte[]) =
    let flags =
        if isCompressed then
            "\000\001\000\000\000"
        else
            "\000\000\000\000\000"

    pngChunk
        "iTXt"B
        (Array.concat
            [
                Text.Encoding.Latin1.GetBytes(keyword + flags)
                (if isCompressed then zlib text else text)
            ])

let xmpAttribute (orientation: int) =
    Text.Encoding.ASCII.GetBytes
        $"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description tiff:Orientation=\"{orientation}\"/></x:xmpmeta>"

let xmpElement (orientation: int) =
    Text.Encoding.ASCII.GetBytes
        $"<x:xmpmeta><rdf:Description><tiff:Orientation>{orientation}</tiff:Orientation></rdf:Description></x:xmpmeta>"

/// A chunk of a WebP with its length.
let webPChunk (kind: byte[]) (data: byte[]) =
    Array.concat
        [
            kind
            BitConverter.GetBytes data.Length
            data
            Array.zeroCreate (data.Length % 2)
        ]

let riff (chunks: byte[]) =
    Array.concat [ "RIFF"B; BitConverter.GetBytes(chunks.Length + 4); "WEBP"B; chunks ]

/// A plain WebP of this size with metadata behind its image.
let withMetadata width height (metadata: (byte[] * byte[]) list) (webP: byte[]) =
    let three (number: int) = (BitConverter.GetBytes number)[..2]

    riff (
        Array.concat
            [
                webPChunk "VP8X"B (Array.concat [ [| 0x0Cuy; 0uy; 0uy; 0uy |]; three (width - 1); three (height - 1) ])
                webP[12..]
                for kind, data in metadata do
                    webPChunk kind data
            ]
    )
