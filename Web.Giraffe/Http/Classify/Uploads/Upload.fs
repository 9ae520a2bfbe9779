namespace Web.Giraffe

open System
open System.Buffers
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Protocol.Core
open Node.Hosting

type Picture =
    {
        Bytes: ReadOnlySequence<byte>
        /// The name from the browser, without folders and control characters; not yet escaped.
        FileName: string option
        /// The form's field `model`, if it precedes the file; else empty.
        Model: string
    }

/// Reads a picture from a request's body, or from the file of a multipart body.
[<RequireQualifiedAccess>]
module Upload =
    /// The bytes that a multipart body may have beside the picture. Other fields are skipped.
    let slack = 64 * 1024

    let private maxSections = 16

    /// Returns the part of a file's name that may be displayed.
    let cleanName (name: string) : string option =
        let last = name.Substring(name.LastIndexOfAny [| '/'; '\\' |] + 1)
        let clean = String.filter (Char.IsControl >> not) last

        let short =
            if clean.Length > 100 then
                clean.Substring(0, 100)
            else
                clean

        if String.IsNullOrWhiteSpace short then None else Some short

    /// Receives up to `limit` bytes into memory that grows as needed. One byte over the limit is too large.
    let readAll (limit: int) (blocks: ByteBlocks) (source: Stream) (cancel: CancellationToken) =
        task {
            let excess = Array.zeroCreate<byte> 1
            let mutable ended = false
            let mutable fault = None

            while not ended && fault.IsNone do
                let rest = limit - int blocks.Length

                if rest = 0 then
                    let! count = source.ReadAsync(Memory excess, cancel)
                    ended <- count = 0

                    if count > 0 then
                        fault <- Some(TooLarge(limit, int64 limit + 1L))
                elif blocks.Room.IsEmpty then
                    // Allocates no memory before there are bytes to store.
                    let! _ = source.ReadAsync(Memory.Empty, cancel)
                    let! hasGrown = blocks.GrowAsync cancel

                    if not hasGrown then
                        fault <- Some OutOfRoom
                else
                    let! count =
                        source.ReadAsync(blocks.Room.Slice(0, min rest blocks.Room.Length), cancel)

                    blocks.Advance count
                    ended <- count = 0

            return
                match fault with
                | Some fault -> Error fault
                | None -> Ok(blocks.Sequence())
        }

    /// Checks a picture by its first bytes.
    let checkPicture (fileName: string option) (bytes: ReadOnlySequence<byte>) =
        if bytes.IsEmpty then
            Error Empty
        elif (ImageFormat.ofPicture bytes).IsNone then
            Error(NotAPicture(ImageFormat.foreignOfPicture bytes, bytes.Length))
        else
            Ok
                {
                    Bytes = bytes
                    FileName = fileName
                    Model = ""
                }

    /// Checks a file of a form.
    let checkFile (name: string) (bytes: ReadOnlySequence<byte>) =
        checkPicture (cleanName name) bytes
        |> Result.mapError (fun fault ->
            match fault, BodyAdvice.ofFile name bytes with
            | NotAPicture _, Some advice ->
                Invalid
                    { UploadFault.problem fault with
                        Detail = advice
                    }
            | _ -> fault)

    /// Reads the picture of a multipart body. A file field without a chosen file has an empty name and no bytes.
    let private readMultipart (limit: int) (lease: UploadLease) (boundary: string) (context: HttpContext) =
        task {
            let cancel = context.RequestAborted
            let parts = FormParts(boundary, context.Request.Body)

            let mutable found = None
            let mutable sections = 0
            let mutable ended = false
            let mutable model = ""

            while not ended do
                let! section = parts.Next cancel
                sections <- sections + 1

                match section with
                | null -> ended <- true
                | _ when sections > maxSections ->
                    found <- Some(Error(BadRequest(400, "The multipart body has too many fields.")))
                    ended <- true
                | section ->
                    match FormPart.ofSection section with
                    | File(_, name) ->
                        let! content = readAll limit lease.Blocks section.Body cancel

                        found <-
                            match content, found with
                            | Error fault, _ -> Some(Error fault)
                            | Ok _, Some(Ok _) -> Some(Error SeveralFiles)
                            | Ok content, _ when content.IsEmpty && name = "" -> Some(Error NoFile)
                            | Ok content, _ -> Some(checkFile name content)

                        ended <- Option.exists Result.isError found
                    | Field "model" when found.IsNone ->
                        match! FormPart.text "model" section cancel with
                        | Ok text -> model <- text
                        | Error problem ->
                            found <- Some(Error(Invalid problem))
                            ended <- true
                    | Field _
                    | Nameless -> ()

            return
                Option.defaultValue (Error NoFile) found
                |> Result.map (fun picture -> { picture with Model = model })
        }

    let private isMultipart (request: HttpRequest) =
        (HeaderParameters.mediaType request.ContentType).StartsWith "multipart/"

    /// Returns the boundary of a multipart body, or none for other bodies.
    let boundaryOf (request: HttpRequest) : Result<string option, UploadFault> =
        if isMultipart request then
            match
                HeaderParameters.parse (string request.ContentType)
                |> HeaderParameters.find "boundary"
            with
            | Some boundary when boundary <> "" && boundary.Length <= 70 -> Ok(Some boundary)
            | _ ->
                Error(
                    BadRequest(
                        400,
                        "The multipart body has no boundary of 1 to 70 characters. Let the HTTP library write the header Content-Type; a hand-written one lacks the boundary."
                    )
                )
        else
            Ok None

    /// Calls `reading` for a body of up to `most` bytes. Returns errors in the body as values; a longer body is
    /// `tooLarge`. Throws if the client disconnects, as everywhere in ASP.NET Core.
    let bounded
        (tooLarge: int64 -> UploadFault)
        (most: int64)
        (context: HttpContext)
        (reading: unit -> Task<Result<'read, UploadFault>>)
        =
        task {
            let request = context.Request
            let announced = request.ContentLength.GetValueOrDefault()
            let encoding = string request.Headers.ContentEncoding
            let body = RequestBody.ofContext context
            body.Limit <- most + int64 slack

            if encoding <> "" then
                return Error(Encoded encoding)
            elif announced > most then
                return Error(tooLarge announced)
            else
                try
                    let! read = reading ()
                    body.Claim.IsReceiving <- false
                    return read
                with
                | :? BadHttpRequestException as error when error.StatusCode = 413 -> return Error(tooLarge most)
                | :? BadHttpRequestException as error when error.StatusCode = 503 -> return Error OutOfRoom
                | :? BadHttpRequestException as error -> return Error(BadRequest(error.StatusCode, error.Message))
                | :? InvalidDataException as error -> return Error(BadRequest(400, error.Message))
                | :? IOException as error when not context.RequestAborted.IsCancellationRequested ->
                    // The forms' reader throws this type itself, others a more specific one.
                    let isForms = error.GetType() = typeof<IOException>
                    return Error(BadRequest(400, (if isForms then FormParts.CutOff else error.Message)))
        }

    /// The fault of a longer body that holds one picture of up to `limit` bytes.
    let pictureTooLarge (limit: int) (bytes: int64) = TooLarge(limit, bytes)

    /// Reads the whole body, up to `limit` bytes, whatever its content.
    let readBody (limit: int) (lease: UploadLease) (context: HttpContext) =
        bounded (pictureTooLarge limit) (int64 limit) context (fun () ->
            readAll limit lease.Blocks context.Request.Body context.RequestAborted)

    /// Adds advice for the client if the body reveals what it intended.
    let private advise mediaType bytes (fault: UploadFault) =
        match fault, BodyAdvice.ofBody mediaType bytes with
        | NotAPicture(_, _), Some advice ->
            Invalid
                { UploadFault.problem fault with
                    Detail = advice
                }
        | _ -> fault

    /// Reads the picture of the request. `lease` holds its bytes until they are no longer needed.
    let read (limit: int) (lease: UploadLease) (context: HttpContext) : Task<Result<Picture, UploadFault>> =
        task {
            match boundaryOf context.Request with
            | Error fault -> return Error fault
            | Ok(Some boundary) ->
                let most = int64 limit + int64 slack

                return!
                    bounded (pictureTooLarge limit) most context (fun () -> readMultipart limit lease boundary context)
            | Ok None ->
                let! content = readBody limit lease context

                return
                    content
                    |> Result.bind (fun bytes ->
                        checkPicture None bytes
                        |> Result.mapError (advise (HeaderParameters.mediaType context.Request.ContentType) bytes))
        }
