/// Files of many kinds, or their beginnings: as much as identifies them.
module internal Tests.Expecto.Web.FileSamples

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text

let ascii (text: string) = Encoding.ASCII.GetBytes text
let latin (text: string) = Encoding.Latin1.GetBytes text

/// An ISO media file's first box.
let ftyp (major: string) (compatible: string list) =
    let size = Array.zeroCreate<byte> 4
    BinaryPrimitives.WriteInt32BigEndian(size, 16 + 4 * compatible.Length)

    Array.concat
        [
            size
            ascii ("ftyp" + major)
            Array.zeroCreate 4
            ascii (String.Concat compatible)
            ascii "\000\000\000\010mdat"
        ]

/// A JPEG's beginning, with this marker and these bits for its frame, behind 128 KiB of metadata.
let jpegFrame marker (bits: byte) =
    let metadata =
        Array.append [| 0xFFuy; 0xE1uy; 0xFFuy; 0xFFuy |] (Array.zeroCreate 65533)

    Array.concat
        [
            [| 0xFFuy; 0xD8uy |]
            metadata
            metadata
            [| 0xFFuy; marker; 0uy; 11uy; bits; 0uy; 9uy; 0uy; 9uy; 1uy; 1uy; 0x11uy; 0uy |]
        ]

/// A TIFF of one directory with these tags, each a single number, and the maker's name behind it.
let tiff (isLittle: bool) (tags: (int * int) list) (make: string) =
    use memory = new MemoryStream()

    let write (bytes: byte[]) =
        memory.Write(ReadOnlySpan(if isLittle then bytes else Array.rev bytes))

    let short (value: int) =
        write (BitConverter.GetBytes(uint16 value))

    let long (value: int) = write (BitConverter.GetBytes value)
    memory.Write(ascii (if isLittle then "II" else "MM"))
    short 42
    long 8
    short (List.length tags)

    for tag, value in tags do
        short tag
        short 4
        long 1
        // A short number stands first in its four bytes.
        if tag = 262 && not isLittle then
            long (value <<< 16)
        else
            long value

    long 0
    memory.Write(ascii make)
    memory.ToArray()

let makeAt = 8 + 2 + 12 * 3 + 4

let zip (entry: string) (content: string) =
    use memory = new MemoryStream()

    using (new ZipArchive(memory, ZipArchiveMode.Create, true)) (fun archive ->
        use stream = archive.CreateEntry(entry, CompressionLevel.NoCompression).Open()
        stream.Write(ascii content))

    memory.ToArray()

let gzip () =
    use memory = new MemoryStream()
    using (new GZipStream(memory, CompressionLevel.Fastest, true)) (fun stream -> stream.Write "text"B)
    memory.ToArray()

let bitmap = Array.concat [ "BM"B; Array.zeroCreate 12; [| 40uy; 0uy; 0uy; 0uy |] ]

let targa =
    Array.concat
        [
            [| 0uy; 0uy; 2uy |]
            Array.zeroCreate 9
            [| 9uy; 0uy; 9uy; 0uy; 24uy; 32uy |]
            Array.create 243 7uy
        ]

let svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
let bom = [| 0xEFuy; 0xBBuy; 0xBFuy |]
