using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Telemetry;

namespace Worker.Sockets;

/// <summary>Sends messages, and waits until the peer has them.</summary>
internal sealed class MessageSender(
    PipeWriter output, TcpAckProbe delivery, ExchangeOptions options, ExchangeTimer timer, TimeProvider clock)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    private long sent;
    private long lastSent;

    /// <summary>Whether anything has been sent.</summary>
    public bool HasSent => sent != 0;

    /// <summary>
    /// Returns the least time for which the peer's kernel has had all sent bytes: zero if it does not have them, null
    /// if this is unknown.
    /// </summary>
    public TimeSpan? SinceArrival() => delivery.SinceArrival(sent);

    /// <summary>Sends a message. The next event of the connection reports any error.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Message message)
    {
        WorkerProtocol.Write(output, message);
        sent += output.UnflushedBytes;
        WorkerMetrics.Sent(output.UnflushedBytes);
        try
        {
            await output.FlushAsync(timer.Deadline);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return;
        }

        lastSent = clock.GetTimestamp();
    }

    /// <summary>Waits until the peer's kernel has all sent bytes and its program has had time to read them.</summary>
    public async ValueTask AwaitDeliveryAsync()
    {
        timer.Arm(options.Deadline);
        try
        {
            for (var rest = Unsettled(); rest > TimeSpan.Zero; rest = Unsettled())
            {
                // A timer has millisecond resolution and truncates.
                await Task.Delay(rest + Poll, clock, timer.Deadline);
            }

            while (!delivery.Arrived(sent))
            {
                await Task.Delay(Poll, clock, timer.Deadline);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up; the next event reports it.
        }
    }

    private TimeSpan Unsettled() => HasSent ? options.DeliveryDelay - clock.GetElapsedTime(lastSent) : TimeSpan.Zero;
}
