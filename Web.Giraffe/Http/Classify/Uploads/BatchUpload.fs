namespace Web.Giraffe

open System
open System.Buffers
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.WebUtilities

/// A file of a form.
type UploadedFile =
    {
        /// The place among the form's files, from 0.
        Index: int
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

/// The actions for the parts of a form.
type FormActions<'options, 'result> =
    {
        /// Takes a field without a file.
        Field: string -> string -> Result<unit, Problem>
        /// Returns the options, once no field may change them.
        Options: unit -> Task<Result<'options, Problem>>
        /// Processes a file, with the lease of its bytes.
        Deal: 'options -> UploadedFile -> UploadLease -> Task<'result>
    }

/// Reads the files of a multipart form, and processes each while the next one is read.
[<RequireQualifiedAccess>]
module BatchUpload =
    /// Each of 1,000 classes may have a field of its own; the other options come once.
    let private mostOtherFields = 1_024

    let private late (name: string) =
        BadRequest(
            400,
            $"The field '{Problem.shorten name}' comes after several files. Send the options before the files, or in the query."
        )

    /// Returns the file chosen for a field, even if it is refused. A file field without a chosen file is empty and has
    /// no name.
    let private fileOf index name (content: Result<ReadOnlySequence<byte>, UploadFault>) =
        match content with
        | Ok bytes when bytes.IsEmpty && name = "" -> None
        | content ->
            Some
                {
                    Index = index
                    Name = Upload.cleanName name
                    Picture = content |> Result.bind (Upload.checkFile name)
                }

    let private isListField (field: string) = field = "files" || field.EndsWith "[]"

    /// Processes each file as soon as the next part begins: fields may follow a single file. At most
    /// `BoundedParallel.limit` files are held at a time: reading waits for them, and each counts against the budget
    /// until it is processed.
    let read
        (settings: WebSettings)
        (boundary: string)
        (context: HttpContext)
        (actions: FormActions<'options, 'result>)
        : Task<Result<PictureForm<'result>, UploadFault>> =
        let cancel = context.RequestAborted
        let free = new SemaphoreSlim(BoundedParallel.limit)

        let drop (lease: UploadLease) =
            (lease :> IDisposable).Dispose()
            free.Release() |> ignore

        let dealing options file (lease: UploadLease) =
            task {
                try
                    return! actions.Deal options file lease
                finally
                    drop lease
            }

        let running = ResizeArray<Task<'result>>()
        let mutable waiting = None
        let mutable options = None

        // Starts the file that waits for a field after it.
        let start () : Task<UploadFault option> =
            task {
                match waiting with
                | None -> return None
                | Some(file, lease) ->
                    let! known =
                        match options with
                        | Some options -> Task.FromResult(Ok options)
                        | None -> actions.Options()

                    match known with
                    | Error problem -> return Some(Invalid problem)
                    | Ok known ->
                        options <- Some known
                        waiting <- None
                        running.Add(dealing known file lease)
                        return None
            }

        // A form that breaks off yields no file, but has used part of the budget.
        let content (body: Stream) =
            task {
                let lease = new UploadLease((RequestBody.ofContext context).Claim)

                try
                    let! content = Upload.readAll settings.MaxUpload lease.Blocks body cancel
                    return content, lease
                with ex ->
                    (lease :> IDisposable).Dispose()
                    return Exceptions.rethrow ex
            }

        let tooLarge bytes =
            RequestTooLarge(settings.MaxRequest, bytes)

        Upload.bounded tooLarge settings.MaxRequest context (fun () ->
            task {
                let parts = FormParts(boundary, context.Request.Body)
                let mutable isList = false
                let mutable files = 0
                let mutable sections = 0
                let mutable fault = None
                let mutable ended = false

                let take (field: string) (name: string) (section: MultipartSection) =
                    task {
                        do! free.WaitAsync cancel
                        let! content, lease = content section.Body

                        match fileOf files name content with
                        | None ->
                            drop lease
                            return None
                        | Some file ->
                            files <- files + 1
                            isList <- isList || isListField field || files = 2
                            waiting <- Some(file, lease)
                            // The fields of a second file's form are known.
                            return! if files > 1 then start () else Task.FromResult None
                    }

                try
                    while not ended do
                        let! section = parts.Next cancel
                        sections <- sections + 1

                        match section with
                        | null ->
                            let! failed = start ()
                            fault <- failed
                            ended <- true
                        | _ when sections - files > mostOtherFields ->
                            fault <-
                                Some(
                                    BadRequest(
                                        400,
                                        $"The form may have up to {mostOtherFields} fields beside its files."
                                    )
                                )

                            ended <- true
                        | section ->
                            match FormPart.ofSection section with
                            | File _ when files = settings.MaxFiles -> fault <- Some(TooManyFiles settings.MaxFiles)
                            | File(field, name) ->
                                let! failed = start ()

                                match failed with
                                | Some _ -> fault <- failed
                                | None ->
                                    let! failed = take field name section
                                    fault <- failed
                            | Field name when options.IsSome -> fault <- Some(late name)
                            | Field name ->
                                let! text = FormPart.text name section cancel

                                match text |> Result.bind (actions.Field name) with
                                | Ok() -> ()
                                | Error problem -> fault <- Some(Invalid problem)
                            | Nameless -> ()

                            ended <- fault.IsSome
                with ex ->
                    // However the form ends, no file is processed after the request is over.
                    waiting |> Option.iter (snd >> drop)
                    do! (Task.WhenAll running :> Task).ContinueWith(Action<Task>(ignore))
                    Exceptions.rethrow ex

                waiting |> Option.iter (snd >> drop)
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
