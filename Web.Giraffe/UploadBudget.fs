namespace Web.Giraffe

open System
open System.Threading

/// How many bytes of pictures the node holds at one time, all requests together.
[<Sealed>]
type UploadBudget(max: int64) =
    let mutable held = 0L

    member _.Held = Interlocked.Read &held

    /// False, and nothing taken, when it would be more than `max`.
    member _.TryTake(bytes: int64) : bool =
        if Interlocked.Add(&held, bytes) <= max then
            true
        else
            Interlocked.Add(&held, -bytes) |> ignore
            false

    member _.Give(bytes: int64) : unit =
        Interlocked.Add(&held, -bytes) |> ignore

/// What one request has taken of the budget; disposing gives it back. For one thread at a time.
[<Sealed>]
type UploadLease(budget: UploadBudget) =
    let mutable taken = 0L

    member _.TryTake(bytes: int64) : bool =
        let could = budget.TryTake bytes

        if could then
            taken <- taken + bytes

        could

    interface IDisposable with
        member _.Dispose() =
            budget.Give taken
            taken <- 0L
