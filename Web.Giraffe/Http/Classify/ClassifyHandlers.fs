/// `POST /api/classify`, `POST /api/classify/batch` and Hugging Face's path.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyHandlers

open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe
open Web.Giraffe.Inference

let noForm =
    Problem.create
        400
        "Not a form"
        "A batch is a multipart form with the pictures as its files. A single picture goes to /api/classify."

/// The format of an answer.
type private Answering = ClassifyRequest -> Classification -> HttpHandler

let private asJson: Answering =
    fun request answer -> json (Json.answer request answer)

let private asScores: Answering =
    fun request answer -> json (Json.scores request answer)

let private outcome (services: AppServices) (answering: Answering) request result : HttpHandler =
    match result with
    | Ok answer -> answering request answer
    | Error problem -> AppServices.problem services problem

let private refuse (services: AppServices) (fault: UploadFault) : HttpHandler =
    AppServices.problem services (ClassifyUpload.refused services fault)

/// Returns an answer or a problem for each file, in their order, or as a stream in the order in which they are ready.
/// Unless `isBatch`, a single file is answered as if it were the body.
let private classifyForm
    (services: AppServices)
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

    let deal (request: ClassifyRequest) (file: UploadedFile) (lease: UploadLease) =
        // The guard has taken the first picture from the allowance.
        let taken = ApiGuard.acquire services context (if file.Index = 0 then 0 else 1)

        task {
            let! result =
                task {
                    match file.Picture, taken with
                    | Error fault, _ ->
                        lease.Done()
                        return Error(ClassifyUpload.refused services fault)
                    | _, Error problem ->
                        lease.Done()
                        return Error problem
                    | Ok picture, Ok() ->
                        return! ClassifyUpload.askOnce services context request.Options lease picture.Bytes
                }

            if streams then
                stream.Send(Json.file request file.Index file.Name result)

            return request, file, result
        }

    let actions: FormActions<ClassifyRequest, ClassifyRequest * UploadedFile * Result<Classification, Problem>> =
        {
            Field = field
            Options = fun () -> ClassifyQuery.request services context given
            Deal = deal
        }

    task {
        let! form = BatchUpload.read services.Settings boundary context actions

        match form with
        | Error fault when stream.HasStarted -> stream.Send(Json.formProblem (ClassifyUpload.refused services fault))
        | _ -> ()

        do! stream.Complete()

        return
            match form with
            | _ when stream.HasStarted -> fun _ context -> Task.FromResult(Some context)
            | Error fault -> refuse services fault
            | Ok {
                     IsList = false
                     Results = [ request, _, result ]
                 } when not isBatch -> outcome services answering request result
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

let private classifyJson
    (services: AppServices)
    (answering: Answering)
    given
    (context: HttpContext)
    : Task<HttpHandler> =
    task {
        let limits =
            {
                Pictures = 1
                Picture = services.Settings.MaxUpload
                Tensor = 0L
            }

        use intake = new JsonIntake(limits, (RequestBody.ofContext context).Claim)

        match! ClassifyJson.read services given intake context with
        | Error fault ->
            intake.Done()
            return refuse services fault
        | Ok(bytes, given) ->
            match Upload.checkPicture None bytes with
            | Error fault ->
                intake.Done()
                return refuse services fault
            | Ok picture ->
                match! ClassifyQuery.request services context given with
                | Error problem ->
                    intake.Done()
                    return AppServices.problem services problem
                | Ok request ->
                    let! answer = ClassifyUpload.ask services context request.Options picture.Bytes

                    match answer with
                    // An abandoned attempt may still be sending to a worker.
                    | Ok answer when answer.Attempts <= 1 -> intake.Done()
                    | _ -> ()

                    return outcome services answering request answer
    }

let private classifyBody
    (services: AppServices)
    (answering: Answering)
    given
    (context: HttpContext)
    : Task<HttpHandler> =
    task {
        match! ClassifyQuery.request services context given with
        | Error problem -> return AppServices.problem services problem
        | Ok request ->
            let! result = ClassifyUpload.ofBody services context (fun _ -> Ok request.Options)
            return outcome services answering request (Result.map fst result)
    }

let private classify (services: AppServices) (answering: Answering) (isBatch: bool) given : HttpHandler =
    fun next context ->
        task {
            let! handler =
                match given context, Upload.boundaryOf context.Request with
                | Error problem, _ -> Task.FromResult(AppServices.problem services problem)
                | _, Error fault -> Task.FromResult(refuse services fault)
                | Ok given, Ok(Some boundary) -> classifyForm services answering isBatch given boundary context
                | Ok _, Ok None when isBatch -> Task.FromResult(AppServices.problem services noForm)
                | Ok given, Ok None when ClassifyJson.isJson (HeaderParameters.mediaType context.Request.ContentType) ->
                    classifyJson services answering given context
                | Ok given, Ok None -> classifyBody services answering given context

            return! handler next context
        }

let classifyApi (services: AppServices) : HttpHandler =
    fun next context ->
        // Several files are a batch here, too.
        classify services asJson false ClassifyQuery.ofQuery next context

let classifyBatch (services: AppServices) : HttpHandler =
    classify services asJson true ClassifyQuery.ofQuery

/// Hugging Face's path, and its form of an answer.
let classifyHuggingFace (services: AppServices) (model: string) : HttpHandler =
    classify services asScores false (fun context ->
        ClassifyQuery.ofQuery context
        |> Result.bind (ClassifyQuery.add "query parameter" "model" [ model ]))
