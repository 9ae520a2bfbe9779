/// The Open Inference Protocol V2 over HTTP, so that a client written for KServe or Triton works with this node.
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
open Transport
open Web.Giraffe
open Web.Giraffe.Inference

/// How long the JSON is, where binary data come behind it.
[<Literal>]
let LengthHeader = "Inference-Header-Content-Length"

let wrong says =
    Problem.create 400 "The request is wrong" says

let private unknown says = Problem.create 404 "No such model" says

let notSaid says =
    Problem.create 501 "The worker can't say it" says

/// The specification's word for what is wrong with a request is 400, the picture that it carries included.
let ofProblem (problem: Problem) =
    match problem.Status with
    | 415
    | 422 -> { problem with Status = 400 }
    | _ -> problem

let unknownModel (site: Site) name =
    unknown $"There is no model '{name}'; this server has '{site.Model}'."

let unknownVersion (site: Site) version =
    unknown $"The model '{site.Model}' has no version '{version}', but '{Model.version}'."

let private known (site: Site) (name: string) (version: string option) (handler: HttpHandler) : HttpHandler =
    if name <> site.Model then
        Site.inferenceError (unknownModel site name)
    else
        match version with
        | Some version when version <> Model.version -> Site.inferenceError (unknownVersion site version)
        | _ -> handler

let server: HttpHandler = fun next context -> json Model.server next context

let live: HttpHandler =
    fun next context -> json ({ Live = true }: ServerLive) next context

let private isReady (site: Site) =
    (HealthHandlers.state site).Status = HealthHandlers.isReady

let private readiness (site: Site) answer : HttpHandler =
    fun next context ->
        let ready = isReady site
        (setStatusCode (if ready then 200 else 503) >=> answer ready) next context

let ready (site: Site) : HttpHandler =
    readiness site (fun ready -> json ({ Live = true; Ready = ready }: ServerReady))

let modelReady (site: Site) name version : HttpHandler =
    readiness site (fun ready -> json ({ Name = site.Model; Ready = ready }: ModelReady))
    |> known site name version

let metadata (site: Site) name version : HttpHandler =
    fun next context -> json (Model.metadata site.Model) next context
    |> known site name version

/// JSON alone, JSON with binary data behind it, or one bare picture.
let private wanted (site: Site) options (context: HttpContext) (claim: ByteClaim) (body: ReadOnlySequence<byte>) =
    let limits =
        {
            Pictures = site.Settings.MaxFiles
            Picture = site.Settings.MaxUpload
        }

    let read json binary =
        WantedInference.read options limits json binary |> Result.mapError wrong

    match string context.Request.Headers[LengthHeader] with
    | "" when not (claim.TryTake(body.Length * 3L / 4L)) -> Error(Upload.problem OutOfRoom)
    | "" -> read body ReadOnlySequence.Empty
    | text ->
        match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, 0 -> WantedInference.raw limits body |> Result.mapError wrong
        | true, length when int64 length <= body.Length -> read (body.Slice(0, length)) (body.Slice(int64 length))
        | _ ->
            Error(
                wrong
                    $"{LengthHeader} is the length of the JSON, up to the {body.Length} bytes of the body, not '{text}'."
            )

/// Every picture's answer, or the first problem, with the picture that has it.
let private answersOf (site: Site) (context: HttpContext) (wanted: WantedInference) =
    let wishes =
        { Asked.trace context with
            Top = ValueSome wanted.Classes
        }

    task {
        let! answers =
            wanted.Pictures |> Several.map (ClassifyHandlers.ask site context wishes)

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
            |> Results.all
            |> Result.map Array.ofList
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

let infer (site: Site) name version : HttpHandler =
    let answer (next: HttpFunc) (context: HttpContext) =
        task {
            let claim = (RequestBody.ofContext context).Claim
            use lease = new UploadLease(claim)

            let options =
                context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions

            let! body = Upload.readBody (int site.Settings.MaxRequest) lease context

            match
                body
                |> Result.mapError Upload.problem
                |> Result.bind (wanted site options context claim)
                |> Result.bind (fun wanted ->
                    // The guard has taken the first.
                    ApiGuard.take site context (wanted.Pictures.Length - 1)
                    |> Result.map (fun () -> wanted))
            with
            | Error problem ->
                FaceLog.uploadRefused site.Logger problem.Status problem.Title 0L
                return! Site.inferenceError (ofProblem problem) next context
            | Ok wanted ->
                match! answersOf site context wanted with
                | Error problem -> return! Site.inferenceError (ofProblem problem) next context
                | Ok answers ->
                    match InferenceAnswer.make site.Model wanted answers with
                    | Ok(response, binary) -> return! send options response binary next context
                    | Error says -> return! Site.inferenceError (notSaid says) next context
        }

    known site name version answer
