/// Answers inference requests of the Open Inference Protocol, over REST and gRPC.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferenceService

open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Inference

let unsupportedByWorker detail =
    Problem.create 501 "Not supported by the worker" detail

/// Changes the status of errors in the request, including its picture, to 400, as specified.
let ofProblem (problem: Problem) =
    match problem.Status with
    | 415
    | 422 -> { problem with Status = 400 }
    | _ -> problem

/// Returns every picture's answer, or the first problem with the number of its picture.
let private answersOf
    (services: AppServices)
    (context: HttpContext)
    (cancel: CancellationToken)
    (model: InferenceModel)
    (wanted: WantedInference)
    =
    let options = WantedInference.options model wanted (ClassifyQuery.trace context)

    task {
        let! answers =
            wanted.Rows
            |> BoundedParallel.map (fun picture ->
                task {
                    let! answer = services.Recognizer.Classify(picture, options, cancel)
                    return Result.mapError Problem.ofUnanswered answer
                })

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

/// The answer to a request, and whether nothing reads the request's bytes any more.
type Inferred =
    {
        Result: Result<InferenceResult, Problem>
        IsDone: bool
    }

/// Answers a request. `prepaid` pictures of it have been taken from the caller's allowance.
let infer
    (services: AppServices)
    (context: HttpContext)
    (cancel: CancellationToken)
    (model: InferenceModel)
    (prepaid: int)
    (given: Result<GivenInference, Problem>)
    : Task<Inferred> =
    let began = services.Clock.GetTimestamp()

    let failed problem isDone =
        services.Inferences.Failed(model.Name, model.Version, services.Clock.GetElapsedTime began)

        {
            Result = Error(ofProblem problem)
            IsDone = isDone
        }

    task {
        let wanted =
            given
            |> Result.bind (WantedInference.ofGiven (ModelRepository.limits services) model)
            |> Result.bind (fun wanted ->
                ApiGuard.acquireAll services context wanted.Rows.Length prepaid
                |> Result.map (fun () -> wanted))

        match wanted with
        | Error problem ->
            HttpLog.uploadRefused services.Logger problem.Status problem.Title 0L
            return failed problem true
        | Ok wanted ->
            match! answersOf services context cancel model wanted with
            | Error problem -> return failed problem false
            | Ok answers ->
                // An abandoned attempt may still be sending to a worker.
                let isDone = answers |> Array.forall (fun answer -> answer.Attempts <= 1)

                match InferenceAnswer.make model wanted answers with
                | Error detail -> return failed (unsupportedByWorker detail) isDone
                | Ok result ->
                    services.Inferences.Succeeded(
                        model.Name,
                        result.Version,
                        services.Clock.GetElapsedTime began,
                        answers
                    )

                    return { Result = Ok result; IsDone = isDone }
    }
