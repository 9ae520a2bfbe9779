using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Protocol.Core;
using Protocol.Core.Interop;
using Transport;
using Worker.Telemetry;

namespace Worker.Sockets;

/// <summary>
/// The connection of an exchange: receives events, sends messages, and applies the timeouts.
/// </summary>
internal sealed class PeerConnection : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);

    private readonly PipeReader input;
    private readonly PipeWriter output;
    private readonly ExchangeOptions options;
    private readonly TimeProvider clock;
    private readonly TcpAckProbe delivery;
    private readonly CancellationToken closing;
    private readonly ByteClaim? claim;
    private readonly LimitedConnection? limited;
    private readonly CancellationTokenRegistration evicting;
    private CancellationTokenSource timer;
    private readonly CancellationTokenRegistration draining;
    private long begun;
    private bool idle;
    private ReadOnlySequence<byte> unread;
    private long left;
    private long sent;
    private long lastSent;
    private long held;

    public PeerConnection(
        ConnectionContext connection, ExchangeOptions options, TimeProvider clock, ByteBudget? budget = null)
    {
        input = connection.Transport.Input;
        output = connection.Transport.Output;
        this.options = options;
        this.clock = clock;
        // With TLS, the kernel's byte counts differ from ours.
        var isPlain = connection.Features.Get<ITlsHandshakeFeature>() is null;
        delivery = new TcpAckProbe(isPlain ? connection.Features.Get<IConnectionSocketFeature>()?.Socket : null);
        begun = clock.GetTimestamp();
        timer = new CancellationTokenSource(options.Deadline, clock);
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        closing = lifetime?.ConnectionClosedRequested ?? default;
        limited = LimitedConnection.Of(connection.Features);
        claim = budget?.Open((connection.RemoteEndPoint as IPEndPoint)?.Address);
        Action<object?> cancelRead = static reader => ((PipeReader)reader!).CancelPendingRead();
        evicting = claim?.Evicted.UnsafeRegister(cancelRead, input) ?? default;
        draining = closing.UnsafeRegister(cancelRead, input);
    }

    /// <summary>Bytes received and consumed in this exchange.</summary>
    public long Received { get; private set; }

    /// <summary>Whether the connection must end because other connections need its memory.</summary>
    public bool IsEvicted { get; private set; }

    /// <summary>The time since the connection opened or, for later exchanges, since the first byte.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(begun);

    /// <summary>Cancelled when the exchange's time is up, or when it ends.</summary>
    public CancellationToken Deadline => timer.Token;

    /// <summary>
    /// Returns the next event: received bytes (call <see cref="Consume"/> next), the peer's end, a timeout, or, if
    /// <paramref name="patience"/> is set, that nothing arrived for that long since the peer has all sent bytes.
    /// Returns null if there is no further exchange, or no exchange while the worker stops.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WorkerEvent?> ReceiveAsync(TimeSpan? patience)
    {
        for (var wait = patience; ;)
        {
            var received = await ReceiveWithinAsync(wait);
            if (received is not { IsQuiet: true } || sent == 0)
            {
                return received;
            }

            if (delivery.SinceArrival(sent) is not { } since || since >= patience)
            {
                return received;
            }

            wait = patience - since;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WorkerEvent?> ReceiveWithinAsync(TimeSpan? patience)
    {
        if (idle)
        {
            timer.CancelAfter(options.Idle);
        }
        else
        {
            Arm(patience ?? options.Silence);
        }

        try
        {
            while (!(idle && closing.IsCancellationRequested))
            {
                var read = await input.ReadAsync(timer.Token);
                unread = read.Buffer;
                if (!Hold(unread.Length))
                {
                    IsEvicted = true;
                    input.AdvanceTo(unread.End);
                    return WorkerEvent.PeerEnded;
                }

                if (unread.Length > left)
                {
                    limited?.BeginRequest();
                    if (idle)
                    {
                        idle = false;
                        begun = clock.GetTimestamp();
                        Arm(options.Silence);
                    }

                    return WorkerEvent.NewReceived(unread);
                }

                input.AdvanceTo(unread.Start, unread.End);
                if (read.IsCompleted)
                {
                    return idle || IsSilent ? null : WorkerEvent.PeerEnded;
                }

                if (read.IsCanceled && Received + left == 0)
                {
                    return null;
                }
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            if (idle)
            {
                return null;
            }

            if (patience is null || Elapsed >= options.Deadline)
            {
                return WorkerEvent.DeadlinePassed;
            }

            timer.Dispose();
            timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
            return WorkerEvent.Quiet;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            return idle || IsSilent ? null : WorkerEvent.PeerEnded;
        }
    }

    // The peer has sent nothing at all, as a probe that only opens the port.
    private bool IsSilent => Received + left == 0 && sent == 0;

    /// <summary>Begins the next exchange; <paramref name="waits"/> means that none of its bytes has arrived.</summary>
    public void BeginNext(bool waits)
    {
        idle = waits && left == 0;
        if (idle)
        {
            limited?.EndRequest();
        }

        Received = 0;
        IsReceiving = true;
        begun = clock.GetTimestamp();
    }

    /// <summary>
    /// Releases the first <paramref name="bytes"/> of the last received bytes; the next event returns the rest again.
    /// </summary>
    public void Consume(long bytes)
    {
        Received += bytes;
        WorkerMetrics.Received(bytes);
        left = unread.Length - bytes;
        Release(bytes);
        input.AdvanceTo(unread.GetPosition(bytes), unread.End);
        unread = default;
    }

    /// <summary>Whether the connection is still receiving; one that has its whole image is not evicted.</summary>
    public bool IsReceiving
    {
        set
        {
            if (claim is not null)
            {
                claim.IsReceiving = value;
            }
        }
    }

    /// <summary>Counts memory that this connection holds beyond received bytes; false if it must end.</summary>
    public bool TryHold(long bytes) => claim?.TryTake(bytes) ?? true;

    /// <summary>Releases the memory that <see cref="TryHold"/> counted.</summary>
    public void Unhold(long bytes) => claim?.Release(bytes);

    /// <summary>Sends a message. The next <see cref="ReceiveAsync"/> reports any error.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Message message)
    {
        WorkerProtocol.Write(output, message);
        sent += output.UnflushedBytes;
        WorkerMetrics.Sent(output.UnflushedBytes);
        try
        {
            await output.FlushAsync(timer.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return;
        }

        lastSent = clock.GetTimestamp();
    }

    /// <summary>Waits until the peer's kernel has all sent bytes and its program has had time to read them.</summary>
    public async ValueTask SettleAsync()
    {
        Arm(options.Deadline);
        try
        {
            for (var rest = Unsettled(); rest > TimeSpan.Zero; rest = Unsettled())
            {
                // A timer has millisecond resolution and truncates.
                await Task.Delay(rest + Poll, clock, timer.Token);
            }

            while (!delivery.Arrived(sent))
            {
                await Task.Delay(Poll, clock, timer.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up; the next event reports it.
        }
    }

    /// <summary>
    /// Discards received bytes until the peer closes: closing a socket with unread bytes can drop the last message
    /// sent.
    /// </summary>
    public async ValueTask LingerAsync()
    {
        timer.CancelAfter(LastWord);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(timer.Token);
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // The time is up, or the peer is gone.
        }
    }

    /// <summary>Counts the bytes that are received and not yet consumed; false if the connection must end.</summary>
    private bool Hold(long received)
    {
        var more = received - held;
        if (claim is null || more <= 0)
        {
            return claim is not { Evicted.IsCancellationRequested: true };
        }

        claim.Progress(more);
        if (!claim.TryTake(more))
        {
            return false;
        }

        held = received;
        return true;
    }

    private void Release(long bytes)
    {
        var released = Math.Min(bytes, held);
        held -= released;
        if (released > 0)
        {
            claim?.Release(released);
        }
    }

    /// <summary>Sets the timeout for the next event: at most this long, and at most until the deadline.</summary>
    public void Arm(TimeSpan most)
    {
        var rest = options.Deadline - Elapsed;
        timer.CancelAfter(rest <= TimeSpan.Zero ? TimeSpan.Zero : rest < most ? rest : most);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        draining.Dispose();
        evicting.Dispose();
        Release(held);
        timer.Cancel();
        timer.Dispose();
    }

    private TimeSpan Unsettled() => sent == 0 ? TimeSpan.Zero : options.Settle - clock.GetElapsedTime(lastSent);
}
