namespace Web.Giraffe

open System
open System.Collections.Generic
open Microsoft.AspNetCore.Http
open Giraffe
open Protocol.Core

/// The reason why a request failed, and what to do. Shown as a page or as RFC 9457 JSON.
type Problem =
    {
        Status: int
        Title: string
        Detail: string
        /// The time until a retry: the header `Retry-After`, in whole seconds, rounded up.
        RetryAfter: TimeSpan option
        /// The member `code`, for programs, if several problems have one status.
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

    let wrong detail =
        create 400 "The request is invalid" detail

    /// Truncates a value from the request for a message.
    let shorten (text: string) =
        if text.Length > 64 then
            text.Substring(0, 64) + "…"
        else
            text

    /// Capitalizes the first letter. `text` must not be empty.
    let capitalized (text: string) =
        $"{Char.ToUpperInvariant text[0]}{text.Substring 1}"

    let notFound = create 404 "Not found" "There is nothing at this address."

    /// Creates the problem for a picture that the node or a worker refuses.
    let ofRefusal (refusal: Refusal) =
        let reason = PictureRefusal.ofWorker refusal.Reason

        let detail =
            match refusal.Detail with
            | "" -> reason.Detail
            | detail -> capitalized detail

        { create reason.Status reason.Title detail with
            Code = Some reason.Code
        }

    let ofUnanswered =
        function
        | NoActiveWorker ->
            { create 503 "No active worker" "No worker is available. Try again in a moment." with
                RetryAfter = Some(TimeSpan.FromSeconds 5.0)
            }
        | UnknownModel(name, available) ->
            let models =
                match available with
                | [] -> "The workers list no models."
                | names -> "Available models: " + String.Join(", ", names) + "."

            { create 404 "No such model" $"No worker serves the model '{name}'. {models}" with
                Code = Some "no-such-model"
            }
        | ImageRefused(_, refusal) -> ofRefusal refusal
        | Overloaded retryAfter ->
            { create 503 "Too busy" "Too many pictures are waiting. Try again in a moment." with
                RetryAfter = Some retryAfter
            }
        | OutOfTime ->
            create 504 "No answer in time" "No worker answered in time. Try again; a smaller picture may help."

    let retrySeconds (problem: Problem) =
        problem.RetryAfter
        |> Option.map (fun wait -> max 1 (int (ceil wait.TotalSeconds)))

    /// Returns the extension members of RFC 9457.
    let extensions (problem: Problem) : IDictionary<string, obj | null> =
        dict [ for code in Option.toList problem.Code -> "code", box code ]

    /// Sets the status and `Retry-After`, for both forms of a problem.
    let head (problem: Problem) : HttpHandler =
        match retrySeconds problem with
        | Some seconds -> setStatusCode problem.Status >=> setHttpHeader "Retry-After" seconds
        | None -> setStatusCode problem.Status

    /// Ends the pipeline, so that the protected handlers never run.
    let ending (handler: HttpHandler) : HttpHandler =
        fun _ context -> handler earlyReturn context

    /// Writes the problem as `application/problem+json`.
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
