namespace Web.Giraffe

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Node.Hosting

/// The time limits for a request's body.
type BodyTimes =
    {
        /// Between two reads.
        Silence: TimeSpan
        /// From the first read to the end of the body.
        Whole: TimeSpan
    }

    /// For a stream of messages, which may pause as long as a body may take.
    member times.OfStream =
        {
            Silence = times.Whole
            Whole = TimeSpan.MaxValue
        }

/// A request's body, limited in bytes and in time. Throws BadHttpRequestException if it ends early: 413 for the bytes,
/// 408 for the time, 503 if faster requests need the memory. Throws OperationCanceledException or IOException if the
/// client disconnects, as everywhere in ASP.NET Core. After the reader's token has cancelled a read, it can't be read any
/// more.
[<Sealed>]
type RequestBody
    (
        inner: Stream,
        announced: int64 voption,
        times: BodyTimes,
        claim: ByteClaim,
        clock: TimeProvider,
        aborted: CancellationToken
    ) =
    inherit BodyStream()

    let stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock)

    let registrations =
        [
            for token in [ aborted; claim.Evicted ] -> token.UnsafeRegister((fun _ -> stop.Cancel()), null)
        ]

    let mutable times = times
    let mutable limit = RequestBody.DefaultLimit
    let mutable received = 0L
    let mutable isEnded = false
    let mutable began = ValueNone
    let mutable charged = 0L
    let mutable isCharging = false

    let mutable failure =
        fun (status: int) (message: string) -> BadHttpRequestException(message, status) :> exn

    let refuse (status: int) (message: string) = raise (failure status message)

    let checkLength (length: int64) =
        if length > limit then
            refuse 413 "The request's body is too long."

    let charge (bytes: int64) =
        if not (claim.TryTake bytes) then
            refuse 503 "The server ran out of upload memory and aborted this upload. Try again."

        charged <- charged + bytes

    let count (wanted: int) (read: int) =
        received <- received + int64 read
        isEnded <- isEnded || (read = 0 && wanted > 0) || announced = ValueSome received
        checkLength received

        if isCharging && read > 0 then
            claim.Progress(int64 read)
            charge (int64 read)

        read

    let left () =
        match began with
        | ValueSome moment -> times.Whole - clock.GetElapsedTime moment
        | ValueNone ->
            began <- ValueSome(clock.GetTimestamp())
            times.Whole

    // The option that limits the time between two reads.
    let silenceOption () =
        if times.Whole = TimeSpan.MaxValue then
            "Upload:DeadlineSeconds"
        else
            "Upload:SilenceSeconds"

    let ended (cancel: CancellationToken) =
        if aborted.IsCancellationRequested then
            raise (OperationCanceledException aborted)
        elif cancel.IsCancellationRequested then
            raise (OperationCanceledException cancel)
        elif claim.Evicted.IsCancellationRequested then
            refuse 503 "The server ran out of upload memory and aborted this upload. Try again."
        elif left () <= TimeSpan.Zero then
            refuse 408 $"The body took longer than {times.Whole.TotalSeconds} s (Upload:DeadlineSeconds)."
        else
            refuse
                408
                $"The request body stalled for {times.Silence.TotalSeconds} s ({silenceOption ()}). Send it again."

    let wait wanted (pending: ValueTask<int>) (cancel: CancellationToken) =
        task {
            use _ = cancel.UnsafeRegister((fun _ -> stop.Cancel()), null)

            try
                stop.CancelAfter(max TimeSpan.Zero (min times.Silence (left ())))
                let! read = pending
                stop.CancelAfter Timeout.InfiniteTimeSpan
                return count wanted read
            with :? OperationCanceledException when stop.IsCancellationRequested ->
                return ended cancel
        }

    /// The budget's claim for the bytes that are kept.
    member _.Claim = claim

    /// In bytes, for all routes that set no other limit.
    static member DefaultLimit = 65_536L

    /// The maximum size of the body in bytes.
    member _.Limit
        with get () = limit
        and set value = limit <- value

    /// Allows any number of bytes, and pauses as long as a body may take: the body is a stream of messages.
    member _.AllowStream() =
        limit <- Int64.MaxValue
        times <- times.OfStream

    /// Charges the claim for every byte that is read, for a reader that keeps them all.
    member _.Charge() = isCharging <- true

    /// Charges the claim for bytes that the reader makes of those that it has read.
    member _.ChargeMore(bytes: int64) = charge bytes

    /// Returns the bytes charged since the last call. The caller releases them from the claim.
    member _.TakeCharged() =
        let bytes = charged
        charged <- 0L
        bytes

    /// Sets the exception for a refusal, by its status and message.
    member _.Failure
        with set value = failure <- value

    member _.IsEnded = isEnded

    /// The number of bytes received.
    member _.Received = received

    override _.ReadAsync(buffer: Memory<byte>, cancel: CancellationToken) : ValueTask<int> =
        announced |> ValueOption.iter checkLength
        let pending = inner.ReadAsync(buffer, stop.Token)

        if pending.IsCompletedSuccessfully then
            ValueTask<int>(count buffer.Length pending.Result)
        else
            ValueTask<int>(wait buffer.Length pending cancel)

    override _.Dispose(disposing: bool) =
        if disposing then
            for registration in registrations do
                registration.Dispose()

            stop.Dispose()

        base.Dispose disposing

[<RequireQualifiedAccess>]
module RequestBody =
    /// Returns the request's body. Every request that may have a body has one.
    let ofContext (context: HttpContext) : RequestBody =
        context.Features.GetRequiredFeature<RequestBody>()
