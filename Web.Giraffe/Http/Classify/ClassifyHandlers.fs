/// `GET /`, `POST /`, `POST /api/classify` and the sample pictures.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyHandlers

open System
open System.Buffers
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers
open Giraffe
open Web.Giraffe
open Web.Giraffe.Inference
open Web.Giraffe.Views

/// Returns a worker's answer or the problem.
let ask (site: AppServices) (context: HttpContext) (options: ClassifyOptions) (image: ReadOnlySequence<byte>) =
    task {
        let! answer = site.Recognizer.Classify(image, options, context.RequestAborted)
        return Result.mapError Problem.ofUnanswered answer
    }

let noForm =
    Problem.create
        400
        "Not a form"
        "A batch is a multipart form with the pictures as its files. A single picture goes to /api/classify."

let private refused (site: AppServices) (fault: UploadFault) =
    let problem = Upload.problem fault
    HttpLog.uploadRefused site.Logger problem.Status problem.Title (Upload.bytes fault)
    problem

/// Classifies a picture. Releases its memory for reuse unless an abandoned attempt may still read it.
let private askOnce site context options (lease: UploadLease) picture =
    task {
        let! answer = ask site context options picture

        match answer with
        | Ok answer when answer.Attempts <= 1 -> lease.Done()
        | _ -> ()

        return answer
    }

let private adviseDamaged (context: HttpContext) bytes (problem: Problem) =
    let mediaType = HeaderParameters.mediaType context.Request.ContentType

    match problem.Status, BodyAdvice.ofDamaged mediaType bytes with
    | 422, Some advice ->
        { problem with
            Detail = $"{problem.Detail} {advice}"
        }
    | _ -> problem

/// Returns the answer to the request's picture, and its file's name; `optionsOf` returns the picture's options. The lease
/// holds the picture and its share of the budget until then.
let private classifyUpload
    (site: AppServices)
    (context: HttpContext)
    (optionsOf: Picture -> Result<ClassifyOptions, Problem>)
    : Task<Result<Answer * string option, Problem>> =
    task {
        use lease = new UploadLease((RequestBody.ofContext context).Claim)

        match! Upload.read site.Settings.MaxUpload lease context with
        | Error fault ->
            lease.Done()
            return Error(refused site fault)
        | Ok picture ->
            match optionsOf picture with
            | Error problem ->
                lease.Done()
                return Error problem
            | Ok options ->
                let! answer = askOnce site context options lease picture.Bytes

                return
                    answer
                    |> Result.map (fun answer -> answer, picture.FileName)
                    |> Result.mapError (adviseDamaged context picture.Bytes)
    }

let private show (site: AppServices) (outcome: HomeView.Outcome) : HttpHandler =
    fun next context ->
        let keys: HomeView.Keys =
            {
                AreNeeded = site.Api.Keys.AreSet
                IsSignedIn = ApiGuard.isSignedIn context
            }

        let page =
            BasePath.view (
                HomeView.page
                    site.Assets
                    site.Settings.MaxUpload
                    keys
                    (ModelsView.offer site.Models)
                    site.Samples.All
                    (site.Workers.Report() |> Array.exists (fun worker -> worker.State = Active))
                    site.Fetcher.IsSome
                    outcome
            )

        let handler =
            match outcome with
            | HomeView.Failed problem -> Problem.head problem >=> page
            | HomeView.Nothing
            | HomeView.Answered _ -> page

        handler next context

let home (site: AppServices) : HttpHandler = show site HomeView.Nothing

/// The form's options: its model, and the request's trace.
let private formOptions (context: HttpContext) (model: string) =
    ClassifyQuery.model model
    |> Result.map (fun model ->
        { ClassifyQuery.trace context with
            Model = model
        })

let private classifySample (site: AppServices) (context: HttpContext) (name: string) (model: string) =
    task {
        match site.Samples.TryFind name, formOptions context model with
        | _, Error problem -> return HomeView.Failed problem
        | None, _ ->
            return HomeView.Failed(Problem.create 404 "No such sample" "There is no sample picture of that name.")
        | Some sample, Ok options ->
            match! ask site context options (ReadOnlySequence sample.Bytes) with
            | Ok answer -> return HomeView.Answered(answer, Some $"/samples/{sample.Name}", None)
            | Error problem -> return HomeView.Failed problem
    }

let private isUrlEncoded (request: HttpRequest) =
    HeaderParameters.mediaType request.ContentType = "application/x-www-form-urlencoded"

/// Handles the form without the script: an upload, or a sample's name in the field `sample`; the field `model` names
/// the model.
let classifyPage (site: AppServices) : HttpHandler =
    fun next context ->
        task {
            let! outcome =
                task {
                    if isUrlEncoded context.Request then
                        let! form = SmallForm.read context

                        match string form["sample"] with
                        | "" -> return HomeView.Failed(Upload.problem NoFile)
                        | name -> return! classifySample site context name (string form["model"])
                    else
                        match! classifyUpload site context (fun picture -> formOptions context picture.Model) with
                        | Ok(answer, fileName) -> return HomeView.Answered(answer, None, fileName)
                        | Error problem -> return HomeView.Failed problem
                }

            return! show site outcome next context
        }

/// The format of an answer.
type private Answering = ClassifyRequest -> Answer -> HttpHandler

let private asJson: Answering =
    fun request answer -> json (Json.answer request answer)

let private asScores: Answering =
    fun request answer -> json (Json.scores request answer)

let private outcome (site: AppServices) (answering: Answering) request result : HttpHandler =
    match result with
    | Ok answer -> answering request answer
    | Error problem -> AppServices.problem site problem

let private refuse (site: AppServices) (fault: UploadFault) : HttpHandler =
    AppServices.problem site (refused site fault)

/// Returns an answer or a problem for each file, in their order, or as a stream in the order in which they are ready.
/// Unless `isBatch`, a single file is answered as if it were the body.
let private classifyForm
    (site: AppServices)
    (answering: Answering)
    (isBatch: bool)
    (given: ClassifyQuery.GivenOptions)
    boundary
    (context: HttpContext)
    : Task<HttpHandler> =
    let stream = ResultStream context
    let streams = ResultStream.IsWanted context.Request
    let mutable given = given

    let field name text =
        ClassifyQuery.add "field" name [ text ] given
        |> Result.map (fun more -> given <- more)

    let deal (request: ClassifyRequest) (file: PictureFile) (lease: UploadLease) =
        // The guard has taken the first picture from the allowance.
        let taken = ApiGuard.take site context (if file.Index = 0 then 0 else 1)

        task {
            let! result =
                task {
                    match file.Picture, taken with
                    | Error fault, _ ->
                        lease.Done()
                        return Error(refused site fault)
                    | _, Error problem ->
                        lease.Done()
                        return Error problem
                    | Ok picture, Ok() -> return! askOnce site context request.Options lease picture.Bytes
                }

            if streams then
                stream.Send(Json.file request file.Index file.Name result)

            return request, file, result
        }

    let actions: FormActions<ClassifyRequest, ClassifyRequest * PictureFile * Result<Answer, Problem>> =
        {
            Field = field
            Options = fun () -> ClassifyQuery.request site context given
            Deal = deal
        }

    task {
        let! form = BatchUpload.read site.Settings boundary context actions

        match form with
        | Error fault when stream.HasStarted -> stream.Send(Json.formProblem (refused site fault))
        | _ -> ()

        do! stream.Complete()

        return
            match form with
            | _ when stream.HasStarted -> fun _ context -> Task.FromResult(Some context)
            | Error fault -> refuse site fault
            | Ok {
                     IsList = false
                     Results = [ request, _, result ]
                 } when not isBatch -> outcome site answering request result
            | Ok form ->
                json (
                    {
                        Results =
                            [|
                                for request, file, result in form.Results ->
                                    Json.file request file.Index file.Name result
                            |]
                    }
                    : ResultsJson
                )
    }

let private classifyJson (site: AppServices) (answering: Answering) given (context: HttpContext) : Task<HttpHandler> =
    task {
        let limits =
            {
                Pictures = 1
                Picture = site.Settings.MaxUpload
                Tensor = 0L
            }

        use intake = new JsonIntake(limits, (RequestBody.ofContext context).Claim)

        match! ClassifyJson.read site given intake context with
        | Error fault ->
            intake.Done()
            return refuse site fault
        | Ok(bytes, given) ->
            match Upload.checkPicture None bytes with
            | Error fault ->
                intake.Done()
                return refuse site fault
            | Ok picture ->
                match! ClassifyQuery.request site context given with
                | Error problem ->
                    intake.Done()
                    return AppServices.problem site problem
                | Ok request ->
                    let! answer = ask site context request.Options picture.Bytes

                    match answer with
                    // An abandoned attempt may still be sending to a worker.
                    | Ok answer when answer.Attempts <= 1 -> intake.Done()
                    | _ -> ()

                    return outcome site answering request answer
    }

let private classifyBody (site: AppServices) (answering: Answering) given (context: HttpContext) : Task<HttpHandler> =
    task {
        match! ClassifyQuery.request site context given with
        | Error problem -> return AppServices.problem site problem
        | Ok request ->
            let! result = classifyUpload site context (fun _ -> Ok request.Options)
            return outcome site answering request (Result.map fst result)
    }

let private classify (site: AppServices) (answering: Answering) (isBatch: bool) given : HttpHandler =
    fun next context ->
        task {
            let! handler =
                match given context, Upload.boundaryOf context.Request with
                | Error problem, _ -> Task.FromResult(AppServices.problem site problem)
                | _, Error fault -> Task.FromResult(refuse site fault)
                | Ok given, Ok(Some boundary) -> classifyForm site answering isBatch given boundary context
                | Ok _, Ok None when isBatch -> Task.FromResult(AppServices.problem site noForm)
                | Ok given, Ok None when ClassifyJson.isJson (HeaderParameters.mediaType context.Request.ContentType) ->
                    classifyJson site answering given context
                | Ok given, Ok None -> classifyBody site answering given context

            return! handler next context
        }

let classifyApi (site: AppServices) : HttpHandler =
    fun next context ->
        // Several files are a batch here, too.
        classify site asJson false ClassifyQuery.ofQuery next context

let classifyBatch (site: AppServices) : HttpHandler =
    classify site asJson true ClassifyQuery.ofQuery

/// Hugging Face's path, and its form of an answer.
let classifyHuggingFace (site: AppServices) (model: string) : HttpHandler =
    classify site asScores false (fun context ->
        ClassifyQuery.ofQuery context
        |> Result.bind (ClassifyQuery.add "query parameter" "model" [ model ]))

/// With the version in the query, the response can be kept forever.
let private keep (bytes: byte[]) (mediaType: string) (tag: string) : HttpHandler =
    handleContext (fun context ->
        task {
            context.Response.Headers.CacheControl <-
                if context.Request.Query["v"].ToString() = tag then
                    "public, max-age=31536000, immutable"
                else
                    "public, max-age=3600"

            let tag = EntityTagHeaderValue $"\"{tag}\""
            do! TypedResults.Bytes(bytes, mediaType, entityTag = tag).ExecuteAsync context
            return Some context
        })

let sample (site: AppServices) (name: string) : HttpHandler =
    match site.Samples.TryFind name with
    | None -> AppServices.problem site Problem.notFound
    | Some sample -> keep sample.Bytes "image/png" sample.Tag

let samplePreview (site: AppServices) (name: string) : HttpHandler =
    match site.Samples.TryFindPreview name with
    | None -> AppServices.problem site Problem.notFound
    | Some(bytes, tag) -> keep bytes "image/webp" tag
