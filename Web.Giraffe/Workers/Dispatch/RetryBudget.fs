namespace Web.Giraffe

open System

/// The number of requests and retries in each of the last ten seconds, and the number of running retries.
type RetryBudget =
    private
        {
            /// Second, requests, retries; the newest first.
            Seconds: struct (int64 * int * int) list
            Running: int
        }

/// Limits retries to a fifth of the requests of the last 10 s, plus at most 3 at one time. This protects an unhealthy
/// cluster from retries, while small loads can still retry.
[<RequireQualifiedAccess>]
module RetryBudget =

    [<Literal>]
    let private Window = 10L

    [<Literal>]
    let private Least = 3

    /// The number of requests that allow one retry.
    [<Literal>]
    let private Requests = 5

    let empty = { Seconds = []; Running = 0 }

    let private roll (now: TimeSpan) budget =
        let second = int64 (floor now.TotalSeconds)

        match budget.Seconds with
        | struct (newest, _, _) :: _ when newest = second -> budget.Seconds
        | seconds ->
            struct (second, 0, 0)
            :: List.filter (fun (struct (each, _, _)) -> each > second - Window) seconds

    let private change now requests retries budget =
        match roll now budget with
        | struct (second, someRequests, someRetries) :: older ->
            {
                Seconds = struct (second, someRequests + requests, someRetries + retries) :: older
                Running = budget.Running + retries
            }
        | [] -> budget

    /// Counts an incoming request.
    let requested now budget = change now 1 0 budget

    /// Returns whether another retry is allowed. An allowed retry counts as running until `ended`.
    let tryRetry now budget : struct (RetryBudget * bool) =
        let seconds = roll now budget
        let requests = seconds |> List.sumBy (fun (struct (_, requests, _)) -> requests)
        let retries = seconds |> List.sumBy (fun (struct (_, _, retries)) -> retries)

        if budget.Running < Least || retries < requests / Requests then
            struct (change now 0 1 budget, true)
        else
            struct (budget, false)

    /// Ends a retry, whatever its outcome.
    let ended budget =
        { budget with
            Running = budget.Running - 1
        }
