namespace Web.Giraffe

open System
open System.Threading

/// A resettable timeout that also fires when the client disconnects.
[<Sealed>]
type Deadline(time: TimeProvider, cancel: CancellationToken) as deadline =
    // Held while the source is replaced, disposed or set off: the client may disconnect at any moment.
    let gate = obj ()
    let mutable source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time)
    let mutable isDisposed = false

    let registration =
        cancel.UnsafeRegister(Action<obj | null>(fun _ -> deadline.OnDisconnect()), null)

    member private _.OnDisconnect() : unit =
        let source =
            lock gate (fun () -> if isDisposed then ValueNone else ValueSome source)

        // Cancel outside the lock, since continuations of the token may run in here. `Dispose` waits for the end of
        // this, and a source that is replaced meanwhile is not disposed.
        source |> ValueOption.iter _.Cancel()

    /// Whether the timeout fired, not the client's cancellation.
    member _.HasPassed = not cancel.IsCancellationRequested

    member _.Set(span: TimeSpan) : CancellationToken =
        let token =
            lock gate (fun () ->
                if source.IsCancellationRequested then
                    source <- new CancellationTokenSource(span, time)
                else
                    source.CancelAfter span

                source.Token)

        // The client may have disconnected between the two sources.
        cancel.ThrowIfCancellationRequested()
        token

    member _.Clear() =
        lock gate (fun () -> source.CancelAfter Timeout.InfiniteTimeSpan)

    interface IDisposable with
        member _.Dispose() =
            registration.Dispose()

            lock gate (fun () ->
                isDisposed <- true
                source.Dispose())
