using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Node.Hosting;
using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Telemetry;

namespace Worker.Sockets;

/// <summary>
/// The connection of an exchange: receives events, with their timeouts.
/// </summary>
internal sealed class PeerConnection : IDisposable
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private readonly PipeReader input;
    private readonly ExchangeOptions options;
    private readonly CancellationToken stopping;
    private readonly LimitedConnection? limited;
    private readonly CancellationTokenRegistration evictionRegistration;
    private readonly CancellationTokenRegistration shutdownRegistration;
    private bool idle;
    private ReadOnlySequence<byte> unread;
    private long unconsumed;

    public PeerConnection(
        ConnectionContext connection, ExchangeOptions options, TimeProvider clock, ByteBudget? budget = null)
    {
        input = connection.Transport.Input;
        this.options = options;
        // With TLS, the kernel's byte counts differ from ours.
        var isPlain = connection.Features.Get<ITlsHandshakeFeature>() is null;
        var socket = isPlain ? connection.Features.Get<IConnectionSocketFeature>()?.Socket : null;
        Timer = new ExchangeTimer(options, clock);
        Sender = new MessageSender(connection.Transport.Output, new TcpAckProbe(socket), options, Timer, clock);
        Memory = new ConnectionMemory(budget?.Open((connection.RemoteEndPoint as IPEndPoint)?.Address));
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        stopping = lifetime?.ConnectionClosedRequested ?? default;
        limited = LimitedConnection.Of(connection.Features);
        Action<object?> cancelRead = static reader => ((PipeReader)reader!).CancelPendingRead();
        evictionRegistration = Memory.Evicted.UnsafeRegister(cancelRead, input);
        shutdownRegistration = stopping.UnsafeRegister(cancelRead, input);
    }

    /// <summary>The time limits.</summary>
    public ExchangeTimer Timer { get; }

    /// <summary>Sends messages.</summary>
    public MessageSender Sender { get; }

    /// <summary>The memory that the connection holds.</summary>
    public ConnectionMemory Memory { get; }

    /// <summary>Bytes received and consumed in this exchange.</summary>
    public long Received { get; private set; }

    /// <summary>Whether the connection must end because other connections need its memory.</summary>
    public bool IsEvicted { get; private set; }

    /// <summary>
    /// Returns the next event: received bytes (call <see cref="Consume"/> next), the peer's end, a timeout, or, if
    /// <paramref name="idleTimeout"/> is set, that nothing arrived for that long after the peer had received everything
    /// sent.
    /// Returns null if the peer begins no further exchange, or if the worker stops between exchanges.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WorkerEvent?> ReceiveAsync(TimeSpan? idleTimeout)
    {
        for (var wait = idleTimeout; ;)
        {
            var received = await ReceiveWithinAsync(wait);
            if (received is not { IsIdleTimeout: true } || !Sender.HasSent)
            {
                return received;
            }

            if (Sender.SinceArrival() is not { } since || since >= idleTimeout)
            {
                return received;
            }

            wait = idleTimeout - since;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WorkerEvent?> ReceiveWithinAsync(TimeSpan? idleTimeout)
    {
        if (idle)
        {
            Timer.CancelAfter(options.Idle);
        }
        else
        {
            Timer.Arm(idleTimeout ?? options.Silence);
        }

        try
        {
            while (!(idle && stopping.IsCancellationRequested))
            {
                var read = await input.ReadAsync(Timer.Deadline);
                unread = read.Buffer;
                if (!Memory.TryReceive(unread.Length))
                {
                    IsEvicted = true;
                    input.AdvanceTo(unread.End);
                    return WorkerEvent.PeerEnded;
                }

                if (unread.Length > unconsumed)
                {
                    limited?.BeginRequest();
                    if (idle)
                    {
                        idle = false;
                        Timer.Restart();
                        Timer.Arm(options.Silence);
                    }

                    return WorkerEvent.NewReceived(unread);
                }

                input.AdvanceTo(unread.Start, unread.End);
                if (read.IsCompleted)
                {
                    return idle || HasNoTraffic ? null : WorkerEvent.PeerEnded;
                }

                if (read.IsCanceled && Received + unconsumed == 0)
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

            if (idleTimeout is null || Timer.IsOver)
            {
                return WorkerEvent.DeadlinePassed;
            }

            Timer.Renew();
            return WorkerEvent.IdleTimeout;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            return idle || HasNoTraffic ? null : WorkerEvent.PeerEnded;
        }
    }

    // Nothing was sent in either direction, as by a probe that only opens the port.
    private bool HasNoTraffic => Received + unconsumed == 0 && !Sender.HasSent;

    /// <summary>Begins the next exchange; <paramref name="isIdle"/> means that none of its bytes has arrived.</summary>
    public void BeginNext(bool isIdle)
    {
        idle = isIdle && unconsumed == 0;
        if (idle)
        {
            limited?.EndRequest();
        }

        Received = 0;
        Memory.IsReceiving = true;
        Timer.Restart();
    }

    /// <summary>
    /// Releases the first <paramref name="bytes"/> of the last received bytes; the next event returns the rest again.
    /// </summary>
    public void Consume(long bytes)
    {
        Received += bytes;
        WorkerMetrics.Received(bytes);
        unconsumed = unread.Length - bytes;
        Memory.Consume(bytes);
        input.AdvanceTo(unread.GetPosition(bytes), unread.End);
        unread = default;
    }

    /// <summary>
    /// Discards received bytes until the peer closes: closing a socket with unread bytes can drop the last message
    /// sent.
    /// </summary>
    public async ValueTask LingerAsync()
    {
        Timer.CancelAfter(LingerTime);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(Timer.Deadline);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        shutdownRegistration.Dispose();
        evictionRegistration.Dispose();
        Memory.ConsumeAll();
        Timer.Dispose();
    }
}
