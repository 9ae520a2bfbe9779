namespace Web.Giraffe.Inference

open System
open System.Buffers
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Threading
open System.Threading.Tasks
open Node.Hosting
open Web.Giraffe

/// The position of the next byte in the text.
[<RequireQualifiedAccess; Struct>]
type private TextPlace =
    | Outside
    | InString
    /// After a backslash.
    | InEscape

/// Receives a request's JSON as it arrives. A string that is too long for anything but a picture is decoded as base64
/// on arrival. The rest is kept, with a short base64 placeholder for each picture.
[<Sealed>]
type JsonIntake(limits: InferenceLimits, claim: ByteClaim) =
    let longest = 65_536
    let token = Guid.NewGuid().ToByteArray()
    let leases = List<UploadLease>()
    let pictures = List<ReadOnlySequence<byte>>()
    // Where a picture was taken out of the JSON, and how many bytes its placeholder is shorter.
    let omitted = List<struct (int * int64)>()
    let mutable json = Array.Empty<byte>()
    let mutable length = 0
    let mutable place = TextPlace.Outside
    let mutable start = 0
    let mutable picture: PictureString voption = ValueNone
    let mutable pictureLength = 0L
    let mutable fault: Problem option = None

    let wrong detail = fault <- Some(Problem.wrong detail)

    let append (bytes: ReadOnlySpan<byte>) =
        let needed = length + bytes.Length

        if needed > json.Length then
            let size = max 4096 (max needed (2 * json.Length))

            if claim.TryTake(int64 (size - json.Length)) then
                Array.Resize(&json, size)
            else
                fault <- Some(UploadFault.problem OutOfRoom)

        if fault.IsNone then
            bytes.CopyTo(json.AsSpan length)
            length <- needed

    let placeholder (index: int) =
        let bytes = Array.zeroCreate<byte>(token.Length + 4)
        token.CopyTo(bytes, 0)
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan token.Length, index)
        bytes

    let finish (string: PictureString) cancel =
        task {
            match! string.Finish cancel with
            | Decoded bytes ->
                let text = Convert.ToBase64String(placeholder pictures.Count)
                pictures.Add bytes
                append (ReadOnlySpan(Text.Encoding.ASCII.GetBytes(text + "\"")))
            | NotBase64 -> wrong "A picture is not valid base64. Send pictures in base64."
            | TooLong bytes -> wrong $"A picture has {bytes} bytes; a picture may have up to {limits.Picture}."
            | NoRoom -> fault <- Some(UploadFault.problem OutOfRoom)

            picture <- ValueNone
            place <- TextPlace.Outside
        }

    /// Takes the next bytes of a picture. Returns how many it took.
    let takePicture (string: PictureString) bytes cancel : Task<int> =
        task {
            let! taken = string.Add(bytes, cancel)
            pictureLength <- pictureLength + int64 taken

            if string.HasEnded then
                do! finish string cancel
                omitted.Add(struct (length, pictureLength - int64 (length - start)))

            return taken
        }

    /// Starts a picture: the current string is too long for anything else.
    let beginPicture cancel =
        task {
            if leases.Count = limits.Pictures then
                wrong (
                    if limits.Pictures = 1 then
                        "The request has several pictures: send one, or several in a form to /api/classify/batch."
                    else
                        $"A request holds 1 to {limits.Pictures} pictures."
                )
            else
                let begun = json.AsSpan(start, length - start).ToArray()
                length <- start
                pictureLength <- 0L
                let lease = new UploadLease(claim)
                leases.Add lease
                let string = PictureString(limits.Picture, lease)
                picture <- ValueSome string
                let mutable rest = ReadOnlyMemory begun

                while fault.IsNone && not rest.IsEmpty do
                    let! taken = takePicture string rest cancel
                    rest <- rest.Slice taken
        }

    let takeText (bytes: ReadOnlySpan<byte>) =
        match place with
        | TextPlace.InEscape ->
            append (bytes.Slice(0, 1))
            place <- TextPlace.InString
            1
        | TextPlace.InString ->
            let at = bytes.IndexOfAny('"'B, '\\'B)
            let count = if at < 0 then bytes.Length else at + 1
            append (bytes.Slice(0, count))

            if at >= 0 then
                place <-
                    if bytes[at] = '"'B then
                        TextPlace.Outside
                    else
                        TextPlace.InEscape

            count
        | _ ->
            let at = bytes.IndexOf '"'B
            let count = if at < 0 then bytes.Length else at + 1
            append (bytes.Slice(0, count))

            if at >= 0 then
                place <- TextPlace.InString
                start <- length

            count

    let resolve (element: ReadOnlySequence<byte>) : ReadOnlySequence<byte> voption =
        let bytes =
            if element.Length = int64 (token.Length + 4) then
                element.ToArray()
            else
                Array.Empty()

        if bytes.AsSpan().StartsWith(ReadOnlySpan token) then
            ValueSome(pictures[BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan(bytes, token.Length, 4))])
        else
            ValueNone

    /// Adds the next bytes. Returns false once the request must be refused.
    member _.Add(bytes: ReadOnlyMemory<byte>, cancel: CancellationToken) : Task<bool> =
        task {
            let mutable rest = bytes

            while fault.IsNone && not rest.IsEmpty do
                match picture with
                | ValueSome string ->
                    let! taken = takePicture string rest cancel
                    rest <- rest.Slice taken
                | ValueNone ->
                    rest <- rest.Slice(takeText rest.Span)

                    if place <> TextPlace.Outside && length - start > longest then
                        do! beginPicture cancel

            return fault.IsNone
        }

    /// Adds up to `length` bytes of a body. Returns the number of bytes received.
    member intake.Receive(body: Stream, length: int64, cancel: CancellationToken) : Task<int64> =
        task {
            let buffer = ArrayPool<byte>.Shared.Rent 16_384

            try
                let mutable rest = length
                let mutable going = rest > 0L

                while going do
                    let! count =
                        body.ReadAsync(buffer.AsMemory(0, int (min rest (int64 buffer.Length))), cancel)

                    claim.Progress(int64 count)
                    rest <- rest - int64 count
                    let! goesOn = intake.Add(ReadOnlyMemory(buffer, 0, count), cancel)
                    going <- goesOn && count > 0 && rest > 0L

                return length - rest
            finally
                ArrayPool<byte>.Shared.Return buffer
        }

    member _.Fault = fault

    /// Whether the body is a picture, whatever its media type.
    member _.IsPicture = (ImageFormat.detect (ReadOnlySpan(json, 0, length))).IsSome

    /// Returns the place in the body of a byte of the JSON, which lacks the pictures. Both are places in their line.
    member _.PlaceInBody(line: int64, at: int64) : int64 =
        let kept: ReadOnlyMemory<byte> =
            RequestJson.withoutMark (ReadOnlyMemory<byte>(json, 0, length))

        let mutable lineStart: int = length - kept.Length

        for _ in 1L .. line do
            lineStart <- lineStart + json.AsSpan(lineStart, length - lineStart).IndexOf '\n'B + 1

        let before (struct (place, bytes)) =
            if place >= lineStart && int64 place <= int64 lineStart + at then
                bytes
            else
                0L

        at + Seq.sumBy before omitted

    /// The budget's claim for the request's bytes.
    member _.Claim = claim

    /// The JSON, with a placeholder for each long string.
    member _.Json = RequestJson.withoutMark (ReadOnlyMemory<byte>(json, 0, length))

    /// Returns the pictures of the elements of the JSON's tensor. Short pictures are in the elements themselves.
    member _.Resolve(elements: ReadOnlySequence<byte> list) : Result<ReadOnlySequence<byte> list, string> =
        let resolved = elements |> List.map resolve

        if (resolved |> List.filter ValueOption.isSome).Length = pictures.Count then
            Ok(List.map2 ValueOption.defaultValue elements resolved)
        else
            Error $"A string of more than {longest} bytes is none of the pictures."

    /// Releases the pictures' memory for reuse by other requests. Nothing may read them afterwards.
    member _.Done() =
        for lease in leases do
            lease.Done()

    interface IDisposable with
        member _.Dispose() =
            for lease in leases do
                (lease :> IDisposable).Dispose()

            claim.Release(int64 json.Length)
