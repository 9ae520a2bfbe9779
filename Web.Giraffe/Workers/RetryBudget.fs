namespace Web.Giraffe

open System

/// How many requests and second tries each of the last ten seconds saw, and how many second tries are under way.
type RetryBudget =
    private
        {
            /// Second, requests, retries; the newest first.
            Seconds: struct (int64 * int * int) list
            Running: int
        }

/// Second tries are at most a fifth of the requests of the last 10 s, and beyond that no more than 3 at one time: a sick
/// cluster is not drowned by them, and few users lose none of theirs.
[<RequireQualifiedAccess>]
module RetryBudget =

    [<Literal>]
    let private Window = 10L

    [<Literal>]
    let private Least = 3

    /// One retry for so many requests.
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

    /// A request came in.
    let requested now budget = change now 1 0 budget

    /// Whether one more second try may go out; it is under way where it may, until `ended`.
    let tryRetry now budget : struct (RetryBudget * bool) =
        let seconds = roll now budget
        let requests = seconds |> List.sumBy (fun (struct (_, requests, _)) -> requests)
        let retries = seconds |> List.sumBy (fun (struct (_, _, retries)) -> retries)

        if budget.Running < Least || retries < requests / Requests then
            struct (change now 0 1 budget, true)
        else
            struct (budget, false)

    /// A second try is over, however it went.
    let ended budget =
        { budget with
            Running = budget.Running - 1
        }
