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
open Web.Giraffe.Views

/// Returns a worker's answer or the problem.
let ask (site: AppServices) (context: HttpContext) (wishes: ClassifyOptions) (image: ReadOnlySequence<byte>) =
    task {
        let! answer = site.Recognizer.Classify(image, wishes, context.RequestAborted)
        return Result.mapError Problem.ofUnanswered answer
    }

let private refused (site: AppServices) (fault: UploadFault) =
    let problem = Upload.problem fault
    HttpLog.uploadRefused site.Logger problem.Status problem.Title (Upload.bytes fault)
    problem

/// Classifies a picture. Releases its memory for reuse unless an abandoned attempt may still read it.
let private askOnce site context wishes (lease: UploadLease) picture =
    task {
        let! answer = ask site context wishes picture

        match answer with
        | Ok answer when answer.Attempts <= 1 -> lease.Done()
        | _ -> ()

        return answer
    }

/// Returns the answer to the request's picture, and its file's name; `options` returns the picture's options. The lease
/// holds the picture and its share of the budget until then.
let private classifyUpload
    (site: AppServices)
    (context: HttpContext)
    (options: Picture -> Result<ClassifyOptions, Problem>)
    : Task<Result<Answer * string option, Problem>> =
    task {
        use lease = new UploadLease((RequestBody.ofContext context).Claim)

        match! Upload.read site.Settings.MaxUpload lease context with
        | Error fault ->
            lease.Done()
            return Error(refused site fault)
        | Ok picture ->
            match options picture with
            | Error problem ->
                lease.Done()
                return Error problem
            | Ok wishes ->
                let! answer = askOnce site context wishes lease picture.Bytes
                return answer |> Result.map (fun answer -> answer, picture.FileName)
    }

let private show (site: AppServices) (outcome: HomeView.Outcome) : HttpHandler =
    fun next context ->
        let keys: HomeView.Keys =
            {
                AreNeeded = site.Api.Keys.AreSet
                IsSignedIn = ApiGuard.isSignedIn context
            }

        let page =
            htmlView (
                HomeView.page
                    site.Assets
                    site.Settings.MaxUpload
                    keys
                    (ModelsView.offer site.Models)
                    site.Samples.All
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
        | Some sample, Ok wishes ->
            match! ask site context wishes (ReadOnlySequence sample.Bytes) with
            | Ok answer -> return HomeView.Answered(answer, Some $"/samples/{sample.Name}", None)
            | Error problem -> return HomeView.Failed problem
    }

let private isUrlEncoded (request: HttpRequest) =
    match MediaTypeHeaderValue.TryParse request.ContentType with
    | true, NonNull mediaType ->
        mediaType.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
    | _ -> false

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

let private outcome (wishes: ClassifyOptions) result : HttpHandler =
    match result with
    | Ok answer -> json (Json.answer wishes answer)
    | Error problem -> Problem.json problem

/// Returns an answer or a problem for each file, in their order. A single file is answered as if it were the body.
let private classifyForm
    (site: AppServices)
    (wishes: ClassifyOptions)
    boundary
    (context: HttpContext)
    : Task<HttpHandler> =
    // The guard has taken the first picture from the allowance.
    let more = ref 0

    let deal (file: PictureFile) (lease: UploadLease) =
        let taken = ApiGuard.take site context more.Value
        more.Value <- 1

        task {
            match file.Picture, taken with
            | Error fault, _ ->
                lease.Done()
                return file.Name, Error(refused site fault)
            | _, Error problem ->
                lease.Done()
                return file.Name, Error problem
            | Ok picture, Ok() ->
                let! answer = askOnce site context wishes lease picture.Bytes
                return file.Name, answer
        }

    task {
        match! BatchUpload.read site.Settings boundary context deal with
        | Ok {
                 IsList = false
                 Results = [ _, result ]
             } -> return outcome wishes result
        | Ok form -> return json (Json.results wishes form.Results)
        | Error fault -> return Problem.json (refused site fault)
    }

let classifyApi (site: AppServices) : HttpHandler =
    fun next context ->
        task {
            match ClassifyQuery.options context, Upload.boundaryOf context.Request with
            | Error problem, _ -> return! Problem.json problem next context
            | _, Error fault -> return! Problem.json (refused site fault) next context
            | Ok wishes, Ok(Some boundary) ->
                let! handler = classifyForm site wishes boundary context
                return! handler next context
            | Ok wishes, Ok None ->
                let! result = classifyUpload site context (fun _ -> Ok wishes)
                return! outcome wishes (Result.map fst result) next context
        }

let sample (site: AppServices) (name: string) : HttpHandler =
    match site.Samples.TryFind name with
    | None -> AppServices.problem site Problem.notFound
    | Some sample ->
        setHttpHeader "Cache-Control" "public, max-age=3600"
        >=> handleContext (fun context ->
            task {
                let tag = EntityTagHeaderValue $"\"{sample.Tag}\""
                do! TypedResults.Bytes(sample.Bytes, "image/png", entityTag = tag).ExecuteAsync context
                return Some context
            })
