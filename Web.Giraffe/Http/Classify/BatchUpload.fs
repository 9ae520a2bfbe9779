namespace Web.Giraffe

open System
open System.Buffers
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.WebUtilities

/// A file of a form.
type PictureFile =
    {
        /// The name that the client gave.
        Name: string option
        Picture: Result<Picture, UploadFault>
    }

/// The results of a form.
type PictureForm<'result> =
    {
        /// In the order of the files.
        Results: 'result list
        /// Whether the answer is a list: there were several files, or their field is called `files`.
        IsList: bool
    }

/// Reads the files of a multipart form, and processes each while the next one is read.
[<RequireQualifiedAccess>]
module BatchUpload =
    let private fields = [ "file"; "files" ]

    let tooMany (settings: WebSettings) =
        BadRequest(
            400,
            $"A request may have up to {settings.MaxFiles} files (Upload:MaxFiles). Send the others in another one."
        )

    /// Returns the file chosen for a field, even if it is refused. A file field without a chosen file is empty and has
    /// no name.
    let private fileOf name (content: Result<ReadOnlySequence<byte>, UploadFault>) =
        match content with
        | Ok bytes when bytes.IsEmpty && name = "" -> None
        | content ->
            let name = Upload.cleanName name

            Some
                {
                    Name = name
                    Picture = content |> Result.bind (Upload.checkPicture name)
                }

    /// Calls `deal` for each file as soon as it is read, with the lease of its bytes. At most `BoundedParallel.limit`
    /// files are held at a time: reading waits for them, and each counts against the budget until `deal` ends.
    let read
        (settings: WebSettings)
        (boundary: string)
        (context: HttpContext)
        (deal: PictureFile -> UploadLease -> Task<'result>)
        : Task<Result<PictureForm<'result>, UploadFault>> =
        let cancel = context.RequestAborted
        let free = new SemaphoreSlim(BoundedParallel.limit)

        let dealing file (lease: UploadLease) =
            task {
                try
                    return! deal file lease
                finally
                    (lease :> IDisposable).Dispose()
                    free.Release() |> ignore
            }

        let running = ResizeArray<Task<'result>>()

        // A form that breaks off yields no file, but has used part of the budget.
        let content (body: Stream) =
            task {
                let lease = new UploadLease((RequestBody.ofContext context).Claim)

                try
                    let! content = Upload.readAll settings.MaxUpload lease.Blocks body cancel
                    return content, lease
                with broken ->
                    (lease :> IDisposable).Dispose()
                    return Exceptions.rethrow broken
            }

        Upload.bounded settings.MaxUpload settings.MaxRequest context (fun () ->
            task {
                let parts = FormParts(boundary, context.Request.Body)
                let mutable isList = false
                let mutable sections = 0
                let mutable fault = None
                let mutable ended = false

                try
                    while not ended do
                        let! section = parts.Next cancel
                        sections <- sections + 1

                        match section with
                        | null -> ended <- true
                        // As many other fields as files are allowed.
                        | _ when running.Count = settings.MaxFiles || sections > 2 * settings.MaxFiles ->
                            fault <- Some(tooMany settings)
                            ended <- true
                        | section ->
                            match Upload.fileField section with
                            | ValueSome(struct (field, name)) when List.contains field fields ->
                                do! free.WaitAsync cancel
                                let! content, lease = content section.Body

                                match fileOf name content with
                                | Some file ->
                                    isList <- isList || field = "files" || running.Count = 1
                                    running.Add(dealing file lease)
                                | None ->
                                    (lease :> IDisposable).Dispose()
                                    free.Release() |> ignore
                            | _ -> ()
                with broken ->
                    // However the form ends, no file is processed after the request is over.
                    do! (Task.WhenAll running :> Task).ContinueWith(Action<Task>(ignore))
                    Exceptions.rethrow broken

                let! results = Task.WhenAll running

                return
                    match fault with
                    | Some fault -> Error fault
                    | None when results.Length = 0 -> Error NoFile
                    | None ->
                        Ok
                            {
                                Results = List.ofArray results
                                IsList = isList
                            }
            })
