/// Classifies the picture of a request's body.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyUpload

open System.Buffers
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Web.Giraffe

/// Returns a worker's answer or the problem.
let ask (services: AppServices) (context: HttpContext) (options: ClassifyOptions) (image: ReadOnlySequence<byte>) =
    task {
        let! answer = services.Recognizer.Classify(image, options, context.RequestAborted)
        return Result.mapError Problem.ofUnanswered answer
    }

/// Logs the refusal of an upload and returns its problem.
let refused (services: AppServices) (fault: UploadFault) =
    let problem = UploadFault.problem fault
    HttpLog.uploadRefused services.Logger problem.Status problem.Title (UploadFault.bytes fault)
    problem

/// Classifies a picture. Releases its memory for reuse unless an abandoned attempt may still read it.
let askOnce services context options (lease: UploadLease) picture =
    task {
        let! answer = ask services context options picture

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
let ofBody
    (services: AppServices)
    (context: HttpContext)
    (optionsOf: Picture -> Result<ClassifyOptions, Problem>)
    : Task<Result<Classification * string option, Problem>> =
    task {
        use lease = new UploadLease((RequestBody.ofContext context).Claim)

        match! Upload.read services.Settings.MaxUpload lease context with
        | Error fault ->
            lease.Done()
            return Error(refused services fault)
        | Ok picture ->
            match optionsOf picture with
            | Error problem ->
                lease.Done()
                return Error problem
            | Ok options ->
                let! answer = askOnce services context options lease picture.Bytes

                return
                    answer
                    |> Result.map (fun answer -> answer, picture.FileName)
                    |> Result.mapError (adviseDamaged context picture.Bytes)
    }
