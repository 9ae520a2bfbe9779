namespace Web.Giraffe

open System
open System.Buffers
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Node.Hosting

/// Limits every request's body, and ensures that an answer sent before the body's end reaches the client.
[<RequireQualifiedAccess>]
module RequestBodies =
    // Closing a connection with unread bytes resets it, and the answer is lost. So the rest of the body is read and
    // discarded, within these limits.
    let private drainBytes = 256L <<< 20
    let private drainTime = TimeSpan.FromSeconds 30.0
    let private drainSilence = TimeSpan.FromSeconds 5.0

    let private expectsContinue (request: HttpRequest) = request.Headers.Expect.Count > 0

    let private readAway (source: Stream) (clock: TimeProvider) (aborted: CancellationToken) =
        task {
            use stop = new CancellationTokenSource(drainSilence, clock)
            use _ = aborted.UnsafeRegister((fun _ -> stop.Cancel()), null)
            let began = clock.GetTimestamp()
            let buffer = ArrayPool<byte>.Shared.Rent 16_384

            try
                try
                    let mutable rest = drainBytes
                    let mutable going = true

                    while going do
                        let! read = source.ReadAsync(Memory buffer, stop.Token)
                        rest <- rest - int64 read
                        let left = drainTime - clock.GetElapsedTime began
                        going <- read > 0 && rest > 0L && left > TimeSpan.Zero
                        stop.CancelAfter(max TimeSpan.Zero (min drainSilence left))
                with
                // The time is up or the client disconnected. The answer has been sent.
                | :? OperationCanceledException
                | :? BadHttpRequestException
                | :? IOException -> ()
            finally
                ArrayPool<byte>.Shared.Return buffer
        }

    let apply (budget: ByteBudget) (times: BodyTimes) (clock: TimeProvider) (next: RequestDelegate) : RequestDelegate =
        RequestDelegate(fun context ->
            let request = context.Request

            let detected =
                context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>()

            if
                not detected.CanHaveBody
                && (HttpMethods.IsGet request.Method || HttpMethods.IsHead request.Method)
            then
                next.Invoke context
            else
                task {
                    let announced = ValueOption.ofNullable request.ContentLength
                    let source = request.Body
                    use claim = budget.Open context.Connection.RemoteIpAddress

                    use body =
                        new RequestBody(source, announced, times, claim, clock, context.RequestAborted)

                    // The server's own limit would cut off the body, and the answer with it.
                    context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize <-
                        Nullable()

                    context.Features.Set body
                    request.Body <- body

                    // gRPC compresses messages, not the body.
                    if not (GrpcRequest.is request) then
                        EncodedBody.decode body request

                    // Such a client sends no body if it is refused at once, so there is nothing to wait for.
                    let waits () =
                        expectsContinue request && body.Received = 0L

                    context.Response.OnStarting(fun () ->
                        let rest = ValueOption.defaultValue 0L announced - body.Received

                        if not body.IsEnded && (waits () || rest > drainBytes) then
                            context.Response.Headers.Connection <- "close"

                        Task.CompletedTask)

                    do! next.Invoke context

                    // In HTTP/2 the end of one request does not close the connection.
                    let isResetAlone = HttpProtocol.IsHttp2 request.Protocol

                    if
                        not (
                            isResetAlone
                            || body.IsEnded
                            || waits ()
                            || context.RequestAborted.IsCancellationRequested
                        )
                    then
                        do! context.Response.CompleteAsync()
                        do! readAway source clock context.RequestAborted
                })
