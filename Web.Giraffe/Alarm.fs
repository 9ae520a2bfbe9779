namespace Web.Giraffe

open System
open System.Threading

/// A timer that can be set again and again, and that the user's going away sets off as well.
[<Sealed>]
type Alarm(time: TimeProvider, cancel: CancellationToken) as alarm =
    let mutable source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time)

    let registration =
        cancel.UnsafeRegister(Action<obj | null>(fun _ -> alarm.Ring()), null)

    member private _.Ring() : unit = source.Cancel()

    /// Whether it was the time that set it off.
    member _.Rang = not cancel.IsCancellationRequested

    member _.Set(span: TimeSpan) : CancellationToken =
        if source.IsCancellationRequested then
            source.Dispose()
            source <- new CancellationTokenSource(span, time)
        else
            source.CancelAfter span

        // The user may have gone in the moment between the two sources.
        cancel.ThrowIfCancellationRequested()
        source.Token

    member _.Clear() =
        source.CancelAfter Timeout.InfiniteTimeSpan

    interface IDisposable with
        member _.Dispose() =
            registration.Dispose()
            source.Dispose()
