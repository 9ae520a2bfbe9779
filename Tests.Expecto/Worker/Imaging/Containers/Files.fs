/// PNG and WebP files put together chunk by chunk.
module Tests.Expecto.Worker.Files

open System
open System.IO
open System.IO.Compression
open Scenarios.Pictures

let pngChunk kind (data: byte[]) =
    PngWriter.Chunk(kind, ReadOnlySpan data)

/// A PNG of its chunks before the pixels, which are a zlib stream.
let pngOf (chunks: byte[] list) stream =
    PngWriter.File(Array.ofList (chunks @ [ pngChunk "IDAT" stream; pngChunk "IEND" [||] ]))

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
    pngChunk "tEXt" (Array.concat [ Text.Encoding.Latin1.GetBytes(keyword + "\000"); text ])

let zTXt (keyword: string) (text: byte[]) =
    pngChunk "zTXt" (Array.concat [ Text.Encoding.Latin1.GetBytes(keyword + "\000\000"); zlib text ])

let iTXt (keyword: string) isCompressed (text: byte[]) =
    let flags =
        if isCompressed then
            "\000\001\000\000\000"
        else
            "\000\000\000\000\000"

    pngChunk
        "iTXt"
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

/// A plain WebP of this size with metadata behind its image.
let withMetadata width height (metadata: (string * byte[]) list) (webP: byte[]) =
    let three (number: int) = (BitConverter.GetBytes number)[..2]

    WebPWriter.File(
        Array.concat
            [
                WebPWriter.Chunk(
                    "VP8X",
                    Array.concat [ [| 0x0Cuy; 0uy; 0uy; 0uy |]; three (width - 1); three (height - 1) ]
                )
                webP[12..]
                for kind, data in metadata do
                    WebPWriter.Chunk(kind, data)
            ]
    )
