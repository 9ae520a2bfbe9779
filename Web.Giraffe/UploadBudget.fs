namespace Web.Giraffe

open System
open System.Buffers
open System.Numerics
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

/// What one request has taken of the budget, and the arrays that it took for it; disposing gives both back. For one
/// thread at a time.
[<Sealed>]
type UploadLease(budget: UploadBudget) =
    let mutable taken = 0L
    let mutable arrays: byte[] list = []
    let mutable isDone = false

    // A picture in the megabytes that is allocated anew for each request costs a collection of everything and pages
    // that the kernel has to clear. The pool's arrays are powers of two; another length would hold more than was paid.
    let give (array: byte[]) =
        if BitOperations.IsPow2 array.Length then
            ArrayPool<byte>.Shared.Return array

    member _.TryTake(bytes: int64) : bool =
        let could = budget.TryTake bytes

        if could then
            taken <- taken + bytes

        could

    /// `size` bytes, which `TryTake` has paid for. What is in them is somebody else's.
    member _.Rent(size: int) : byte[] =
        let array =
            if BitOperations.IsPow2 size then
                ArrayPool<byte>.Shared.Rent size
            else
                GC.AllocateUninitializedArray<byte> size

        arrays <- array :: arrays
        array

    /// Nobody reads the arrays any more, so that others may have them. Where that is not sure, as after an exchange that
    /// was given up while the socket still sends from them, they are left to the collector.
    member _.Done() = isDone <- true

    interface IDisposable with
        member _.Dispose() =
            budget.Give taken
            taken <- 0L

            if isDone then
                List.iter give arrays

            arrays <- []
