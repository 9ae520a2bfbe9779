namespace Web.Giraffe

open System
open System.Buffers
open System.Buffers.Binary

/// Whether an original worker can process a picture. Its network takes three channels. A picture that it can't decode,
/// or one with another number of channels, kills its thread without an answer.
type OriginalWorkerSupport =
    | Supported
    /// Decoding may yield one channel, or fail if the file is truncated.
    | Uncertain
    /// Four or two channels: transparency or CMYK.
    | Unsupported

/// Inspects a file's headers and its end. Unknown formats are left to the workers.
[<RequireQualifiedAccess>]
module OriginalWorkerSupport =

    let private has (offset: int) (expected: byte[]) (bytes: ReadOnlySpan<byte>) =
        bytes.Length >= offset + expected.Length
        && bytes.Slice(offset, expected.Length).SequenceEqual(ReadOnlySpan expected)

    /// Returns whether `mark` is among the last `count` bytes.
    let private endsNear (count: int64) (mark: byte[]) (picture: ReadOnlySequence<byte>) =
        let ending = picture.Slice(max 0L (picture.Length - count)).ToArray()
        ending.AsSpan().IndexOf(ReadOnlySpan mark) >= 0

    let private unlessCut isWhole support =
        match support with
        | Supported when not isWhole -> Uncertain
        | other -> other

    /// Returns the component count from the frame header: marker FF C0 … FF CF except C4, C8 and CC, tenth byte.
    let private jpegComponents (picture: ReadOnlySequence<byte>) =
        let mutable reader = SequenceReader<byte>(picture.Slice 2L)
        let segment = Array.zeroCreate<byte> 10
        let mutable components = 0
        let mutable going = true

        while going do
            if not (reader.TryCopyTo(segment.AsSpan())) || segment[0] <> 0xFFuy then
                going <- false
            else
                let marker = segment[1]

                if marker = 0xFFuy then
                    reader.Advance 1L
                elif marker >= 0xC0uy && marker <= 0xCFuy && marker &&& 3uy <> 0uy || marker = 0xC0uy then
                    components <- int segment[9]
                    going <- false
                elif marker = 0xDAuy then
                    going <- false
                else
                    let length =
                        2L + int64 (BinaryPrimitives.ReadUInt16BigEndian(ReadOnlySpan(segment, 2, 2)))

                    reader.Advance(min length reader.Remaining)

        components

    let private jpeg (picture: ReadOnlySequence<byte>) =
        match jpegComponents picture with
        | 3 -> Supported
        | 4 -> Unsupported
        | _ -> Uncertain
        |> unlessCut (endsNear 4096L [| 0xFFuy; 0xD9uy |] picture)

    let private png (bytes: ReadOnlySpan<byte>) (picture: ReadOnlySequence<byte>) =
        if bytes.Length < 26 then
            Uncertain
        else
            // The bit depth and colour type in the header.
            match bytes[24], bytes[25] with
            | 8uy, 2uy -> Supported
            | _, (4uy | 6uy) -> Unsupported
            | _ -> Uncertain
            |> unlessCut (endsNear 64L "IEND"B picture)

    let private webp (bytes: ReadOnlySpan<byte>) (length: int64) =
        if bytes.Length < 25 then
            Uncertain
        else
            let isWhole =
                int64 (BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice 4)) + 8L <= length

            // The flags of an extended file: alpha, animation. In a lossless file, alpha is bit 28 after the signature.
            if has 12 "VP8X"B bytes then
                if bytes[20] &&& 0x10uy <> 0uy then Unsupported
                elif bytes[20] &&& 0x02uy <> 0uy then Uncertain
                else Supported
            elif has 12 "VP8L"B bytes then
                if bytes[24] &&& 0x10uy <> 0uy then
                    Unsupported
                else
                    Supported
            else
                Supported
            |> unlessCut isWhole

    /// Returns whether an original worker can process this file.
    let ofPicture (picture: ReadOnlySequence<byte>) : OriginalWorkerSupport =
        let head = picture.Slice(0L, min 64L picture.Length).ToArray()
        let bytes = ReadOnlySpan head

        if has 0 [| 0xFFuy; 0xD8uy; 0xFFuy |] bytes then
            jpeg picture
        elif has 0 [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy |] bytes then
            png bytes picture
        elif has 0 "RIFF"B bytes && has 8 "WEBP"B bytes then
            webp bytes picture.Length
        elif has 0 "GIF8"B bytes then
            Uncertain
        else
            Supported
