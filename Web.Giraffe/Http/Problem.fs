namespace Web.Giraffe

open System
open System.Collections.Generic
open Microsoft.AspNetCore.Http
open Giraffe
open Protocol.Core

/// Why a request is not answered as asked, in words that say what to do: shown as a page or as RFC 9457 JSON.
type Problem =
    {
        Status: int
        Title: string
        Detail: string
        /// When it is worth asking again: the header `Retry-After`, in whole seconds, rounded up.
        RetryAfter: TimeSpan option
        /// For programs, where several problems have one status: the member `code`.
        Code: string option
    }

[<RequireQualifiedAccess>]
module Problem =
    let create status title detail =
        {
            Status = status
            Title = title
            Detail = detail
            RetryAfter = None
            Code = None
        }

    let notFound = create 404 "Not found" "There is nothing at this address."

    /// A picture that the node or a worker refuses.
    let ofRefusal (refusal: Refusal) =
        let reason = RefusalReason.ofWorker refusal.Reason

        let detail =
            match refusal.Detail with
            | "" -> RefusalReason.describe reason
            | detail -> string (Char.ToUpperInvariant detail[0]) + detail.Substring 1

        { create (RefusalReason.status reason) (RefusalReason.title reason) detail with
            Code = Some(RefusalReason.code reason)
        }

    let ofUnanswered =
        function
        | NoActiveWorker ->
            { create
                  503
                  "No active worker"
                  "Nobody is there to look at the picture: every worker is gone or at rest. Try again in a moment." with
                RetryAfter = Some(TimeSpan.FromSeconds 5.0)
            }
        | ImageRefused(_, refusal) -> ofRefusal refusal
        | Overloaded retryAfter ->
            { create 503 "Too busy" "More pictures are waiting than can be looked at now. Try again in a moment." with
                RetryAfter = Some retryAfter
            }
        | OutOfTime ->
            create 504 "No answer in time" "No worker answered in time. Try again; a smaller picture may help."

    let retrySeconds (problem: Problem) =
        problem.RetryAfter
        |> Option.map (fun wait -> max 1 (int (ceil wait.TotalSeconds)))

    /// The members that RFC 9457 leaves to each service.
    let extensions (problem: Problem) : IDictionary<string, obj | null> =
        dict [ for code in Option.toList problem.Code -> "code", box code ]

    /// What both forms of a problem have in common: the status and `Retry-After`.
    let head (problem: Problem) : HttpHandler =
        match retrySeconds problem with
        | Some seconds -> setStatusCode problem.Status >=> setHttpHeader "Retry-After" seconds
        | None -> setStatusCode problem.Status

    /// A problem is the whole answer: the handlers behind it, which it may be there to protect, never run.
    let ending (handler: HttpHandler) : HttpHandler =
        fun _ context -> handler earlyReturn context

    /// `application/problem+json`.
    let json (problem: Problem) : HttpHandler =
        head problem
        >=> handleContext (fun context ->
            task {
                let answer =
                    TypedResults.Problem(
                        problem.Detail,
                        statusCode = problem.Status,
                        title = problem.Title,
                        extensions = extensions problem
                    )

                do! answer.ExecuteAsync context
                return Some context
            })
        |> ending
