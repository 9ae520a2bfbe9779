/// The Open Inference Protocol V2 over HTTP, for clients written for KServe or Triton.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceHandlers

open System
open System.Buffers
open System.Globalization
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Json
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Options
open Giraffe
open Protocol.Core
open Transport
open Web.Giraffe
open Web.Giraffe.Inference

/// The header with the length of the JSON, if binary data follow it.
[<Literal>]
let LengthHeader = "Inference-Header-Content-Length"

let wrong says =
    Problem.create 400 "The request is wrong" says

let private unknown says = Problem.create 404 "No such model" says

let notSaid says =
    Problem.create 501 "The worker can't say it" says

/// Changes the status of errors in the request, including its picture, to 400, as specified.
let ofProblem (problem: Problem) =
    match problem.Status with
    | 415
    | 422 -> { problem with Status = 400 }
    | _ -> problem

let unknownModel (site: AppServices) name =
    let names =
        Model.all site.Models
        |> List.map (fun model -> $"'{model.Name}'")
        |> String.concat ", "

    unknown $"There is no model '{name}'; this server has {names}."

let unknownVersion (model: InferenceModel) version =
    let versions =
        model.Versions |> List.map (fun version -> $"'{version}'") |> String.concat ", "

    unknown $"The model '{model.Name}' has no version '{version}', but {versions}."

let private known (site: AppServices) (name: string) (version: string option) (handler: InferenceModel -> HttpHandler) =
    match Model.all site.Models |> List.tryFind (fun model -> model.Name = name), version with
    | None, _ -> AppServices.inferenceError (unknownModel site name)
    | Some model, Some version when not (List.contains version model.Versions) ->
        AppServices.inferenceError (unknownVersion model version)
    | Some model, Some version -> handler (Model.inVersion version model)
    | Some model, None -> handler model

let server: HttpHandler = fun next context -> json Model.server next context

let live: HttpHandler =
    fun next context -> json ({ Live = true }: ServerLive) next context

let private isReady (site: AppServices) =
    (HealthHandlers.state site).Status = HealthHandlers.isReady

let private readiness (site: AppServices) answer : HttpHandler =
    fun next context ->
        let ready = isReady site
        (setStatusCode (if ready then 200 else 503) >=> answer ready) next context

let ready (site: AppServices) : HttpHandler =
    readiness site (fun ready -> json ({ Live = true; Ready = ready }: ServerReady))

let modelReady (site: AppServices) name version : HttpHandler =
    known site name version (fun model ->
        readiness site (fun ready -> json ({ Name = model.Name; Ready = ready }: ModelReady)))

let metadata (site: AppServices) name version : HttpHandler =
    known site name version (Model.metadata >> json)

/// `POST /v2/repository/index`: every model that a worker has, in service or not.
let repository (site: AppServices) : HttpHandler =
    let entry (model: ClusterModel) : RepositoryEntry =
        {
            Name = model.Description.Id
            Version = model.Description.Version
            State =
                match model.Workers, model.Description.State with
                | _ :: _, _ -> "READY"
                | [], ModelState.Loading -> "LOADING"
                | [], _ -> "UNAVAILABLE"
            Reason = String.Join("; ", model.Errors)
        }

    fun next context -> json (site.Models.Models |> List.map entry |> Array.ofList) next context

let private limitsOf (site: AppServices) (model: InferenceModel) =
    {
        Classes = model.Classes
        Pictures = site.Settings.MaxFiles
        Picture = site.Settings.MaxUpload
    }

/// Returns the JSON's length if binary data follow it.
let private jsonLength (context: HttpContext) : Result<int64 voption, Problem> =
    match string context.Request.Headers[LengthHeader] with
    | "" -> Ok ValueNone
    | text ->
        match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, length -> Ok(ValueSome(int64 length))
        | _ -> Error(wrong $"{LengthHeader} is the length of the JSON in bytes, not '{text}'.")

/// Receives up to `length` bytes of the body. Returns the number of bytes received.
let private receiveJson (json: JsonIntake) (length: int64) (context: HttpContext) =
    task {
        let cancel = context.RequestAborted
        let buffer = ArrayPool<byte>.Shared.Rent 16_384

        try
            let mutable rest = length
            let mutable going = rest > 0L

            while going do
                let wanted = int (min rest (int64 buffer.Length))
                let! count = context.Request.Body.ReadAsync(buffer.AsMemory(0, wanted), cancel)
                json.Claim.Progress(int64 count)
                rest <- rest - int64 count
                let! goesOn = json.Add(ReadOnlyMemory(buffer, 0, count), cancel)
                going <- goesOn && count > 0 && rest > 0L

            return length - rest
        finally
            ArrayPool<byte>.Shared.Return buffer
    }

/// Receives JSON alone, JSON followed by binary data, or one raw picture.
let private receive
    (site: AppServices)
    model
    options
    (json: JsonIntake)
    (lease: UploadLease)
    length
    (context: HttpContext)
    =
    let most = int site.Settings.MaxRequest

    let readBinary () =
        Upload.readAll most lease.Blocks context.Request.Body context.RequestAborted

    let read binary =
        // Short strings are decoded in one piece.
        if json.Claim.TryTake(json.Json.Length * 3L / 4L) then
            WantedInference.read options (limitsOf site model) json.Resolve json.Json binary
            |> Result.mapError wrong
        else
            Error(Upload.problem OutOfRoom)

    let receiving () =
        task {
            match length with
            | ValueSome 0L ->
                let! picture = readBinary ()

                return
                    picture
                    |> Result.map (WantedInference.raw (limitsOf site model) >> Result.mapError wrong)
            | _ ->
                let! received =
                    receiveJson json (ValueOption.defaultValue Int64.MaxValue length) context

                match json.Fault, length with
                | Some problem, _ -> return Ok(Error problem)
                | None, ValueNone -> return Ok(read ReadOnlySequence.Empty)
                | None, ValueSome length when received < length ->
                    return
                        Ok(
                            Error(
                                wrong
                                    $"{LengthHeader} is the length of the JSON, up to the {received} bytes of the body, not '{length}'."
                            )
                        )
                | None, ValueSome _ ->
                    let! binary = readBinary ()
                    return Result.map read binary
        }

    task {
        let! received = Upload.bounded most (int64 most) context receiving
        return received |> Result.mapError Upload.problem |> Result.bind id
    }

/// Returns every picture's answer, or the first problem with the number of its picture.
let private answersOf (site: AppServices) (context: HttpContext) (model: InferenceModel) (wanted: WantedInference) =
    let wishes =
        { ClassifyQuery.trace context with
            Top = ValueSome wanted.Classes
            Model = model.Route
        }

    task {
        let! answers =
            wanted.Pictures
            |> BoundedParallel.map (ClassifyHandlers.ask site context wishes)

        let count = answers.Length

        return
            answers
            |> Seq.mapi (fun index answer ->
                answer
                |> Result.mapError (fun problem ->
                    if count = 1 then
                        problem
                    else
                        { problem with
                            Detail = $"Picture {index + 1} of {count}: {problem.Detail}"
                        }))
            |> Result.traverse id
    }

let private send (options: JsonSerializerOptions) (response: InferenceResponse) (binary: byte[]) : HttpHandler =
    handleContext (fun context ->
        task {
            let head = JsonSerializer.SerializeToUtf8Bytes(response, options)
            let answer = context.Response

            if response.Outputs |> Array.exists _.Parameters.IsSome then
                answer.ContentType <- "application/octet-stream"
                answer.Headers[LengthHeader] <- string head.Length
            else
                answer.ContentType <- "application/json"

            answer.ContentLength <- int64 head.Length + int64 binary.Length
            do! answer.Body.WriteAsync(ReadOnlyMemory head, context.RequestAborted)
            do! answer.Body.WriteAsync(ReadOnlyMemory binary, context.RequestAborted)
            return Some context
        })

let infer (site: AppServices) name version : HttpHandler =
    let answer model (next: HttpFunc) (context: HttpContext) =
        task {
            let claim = (RequestBody.ofContext context).Claim
            use lease = new UploadLease(claim)
            use json = new JsonIntake(limitsOf site model, claim)

            let options =
                context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions

            let! received =
                match jsonLength context with
                | Error problem -> Task.FromResult(Error problem)
                | Ok length -> receive site model options json lease length context

            match
                received
                |> Result.bind (fun wanted ->
                    // The guard has taken the first picture from the allowance.
                    ApiGuard.take site context (wanted.Pictures.Length - 1)
                    |> Result.map (fun () -> wanted))
            with
            | Error problem ->
                lease.Done()
                json.Done()
                HttpLog.uploadRefused site.Logger problem.Status problem.Title 0L
                return! AppServices.inferenceError (ofProblem problem) next context
            | Ok wanted ->
                match! answersOf site context model wanted with
                | Error problem -> return! AppServices.inferenceError (ofProblem problem) next context
                | Ok answers ->
                    // An abandoned attempt may still be sending to a worker.
                    if answers |> Array.forall (fun answer -> answer.Attempts <= 1) then
                        lease.Done()
                        json.Done()

                    match InferenceAnswer.make model wanted answers with
                    | Ok(response, binary) -> return! send options response binary next context
                    | Error says -> return! AppServices.inferenceError (notSaid says) next context
        }

    known site name version answer
