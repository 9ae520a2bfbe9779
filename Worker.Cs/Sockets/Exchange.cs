using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Imaging;
using Worker.Inference;
using Worker.Telemetry;

namespace Worker.Sockets;

/// <summary>
/// Runs the exchanges of one connection, one after the other: passes events to <see cref="WorkerProtocol"/>, which
/// holds all protocol rules, and performs its effects.
/// </summary>
internal sealed class Exchange(PeerConnection peer, Recognizer recognizer, Limits limits)
{
    private WorkerEffect[] effects = [];
    private int performed;
    private WorkerState state = WorkerProtocol.Start(limits);
    private Task<RecognitionResult>? recognition;
    private WorkerEvent? described;
    private ImageRefusal? refusal;
    private Exception? fault;
    private bool ended;
    private bool sentNack;
    private int results;
    private int nacks;

    /// <summary>The number of attempts; 1 if nothing was sent again.</summary>
    public int Attempts => 1 + nacks + Math.Max(0, results - 1);

    /// <summary>The client's <c>traceparent</c>, if it sent one.</summary>
    public string? Trace { get; private set; }

    /// <summary>The exchange's spans, if its client sent a trace.</summary>
    public ExchangeTrace? Spans { get; private set; }

    /// <summary>Whether the connection can serve no further exchange.</summary>
    public bool IsOver => ended || WorkerProtocol.IsOver(state);

    /// <summary>Runs the connection's first exchange to its end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeEnd> RunAsync()
    {
        while (true)
        {
            while (performed < effects.Length)
            {
                if (await PerformAsync(effects[performed++]) is { } end)
                {
                    return end;
                }
            }

            TimeSpan? idleTimeout = WorkerProtocol.TryGetIdleTimeout(state, out var timeout) ? timeout : null;
            var next = described
                ?? (recognition is null ? await peer.ReceiveAsync(idleTimeout) : await RecognizedAsync(recognition));
            described = null;
            if (next is null)
            {
                ended = true;
                return fault is null ? new ExchangeEnd.Unused() : new ExchangeEnd.Faulted(fault);
            }

            effects = WorkerProtocol.Step(ref state, next);
            performed = 0;
        }
    }

    /// <summary>Runs the next exchange; valid only while <see cref="IsOver"/> is false.</summary>
    public ValueTask<ExchangeEnd> RunNextAsync()
    {
        results = 0;
        nacks = 0;
        refusal = null;
        Trace = null;
        Spans = null;
        peer.BeginNext(performed == effects.Length && WorkerProtocol.StageOf(state).IsSize);
        return RunAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeEnd?> PerformAsync(WorkerEffect effect)
    {
        switch (effect)
        {
            case WorkerEffect.Consume consume:
                peer.Consume(consume.Bytes);
                return null;
            case WorkerEffect.Send send:
                sentNack = send.Message.IsNack;
                nacks += sentNack && refusal is null ? 1 : 0;
                results += send.Message.IsResult ? 1 : 0;
                await peer.Sender.SendAsync(send.Message);
                return null;
            case WorkerEffect.Recognize recognize:
                Trace = recognize.Parameters.TraceOrNull();
                Spans = ExchangeTrace.Begin(Trace, peer.Timer.Elapsed);
                WorkerMetrics.Transferred(peer.Timer.Elapsed);
                recognition = RecognizeAsync(recognize.Image, OptionsOf(recognize.Parameters));
                return null;
            case WorkerEffect.Describe describe:
                described = WorkerEvent.NewDescribed(recognizer.Models.Describe(describe.Parameters.ModelOrNull()));
                return null;
            case WorkerEffect.Finish:
                if (refusal is null)
                {
                    return new ExchangeEnd.Answered();
                }

                if (IsOver)
                {
                    await peer.LingerAsync();
                }

                return new ExchangeEnd.ImageRefused(refusal);
            case WorkerEffect.Fail fail:
                if (sentNack || fail.Failure.Cause.IsRejectedTooOften)
                {
                    await peer.LingerAsync();
                }

                return new ExchangeEnd.Failed(fail.Failure);
            case { IsAwaitDelivery: true }:
                await peer.Sender.AwaitDeliveryAsync();
                return null;
            default:
                throw new UnreachableException($"no way to perform {effect}");
        }
    }

    /// <summary>Requests maps, values and the answer only for JSON; other formats can't carry them.</summary>
    private static RecognizeOptions OptionsOf(Parameters parameters) => new(
        parameters.ClassCount(),
        parameters.Explain && parameters.Json,
        parameters.ModelOrNull(),
        parameters.Tensor && parameters.Json,
        (parameters.Tensor || parameters.Values) && parameters.Json,
        parameters.Json ? parameters.ConfidenceOrNull() : null);

    /// <summary>
    /// Recognizes an image and releases it when the executor is done, even if the caller no longer waits.
    /// </summary>
    private async Task<RecognitionResult> RecognizeAsync(ImageBytes image, RecognizeOptions options)
    {
        // The array is rented from a pool, so its length is a power of two.
        var bytes = (long)BitOperations.RoundUpToPowerOf2((uint)image.Memory.Length);
        using (image)
        {
            peer.Memory.IsReceiving = false;
            if (!peer.Memory.TryHold(bytes))
            {
                return new RecognitionResult.Refused(new ImageRefusal(
                    RefusalReason.Busy,
                    "The worker has no memory left for images (--max-buffered). Try again."));
            }

            WorkerMetrics.Begun();
            try
            {
                return await recognizer.RecognizeAsync(image.Memory, options, peer.Timer.Deadline);
            }
            finally
            {
                WorkerMetrics.Done();
                peer.Memory.Unhold(bytes);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WorkerEvent?> RecognizedAsync(Task<RecognitionResult> running)
    {
        peer.Timer.Arm(TimeSpan.MaxValue);
        recognition = null;
        try
        {
            switch (await running.WaitAsync(peer.Timer.Deadline))
            {
                case RecognitionResult.Succeeded succeeded:
                    WorkerMetrics.Recognized(succeeded.Recognition);
                    Spans?.Recognized(succeeded.Recognition.Times);
                    return WorkerEvent.NewRecognized(
                        succeeded.Recognition.WithRevision(recognizer.Models.Revision));
                case RecognitionResult.Refused refused:
                    refusal = refused.Refusal;
                    return WorkerProtocol.Undecodable(refusal.Reason.ToString(), refusal.Explanation);
                default:
                    throw new InvalidOperationException("a recognition has a result");
            }
        }
        catch (OperationCanceledException)
        {
            return WorkerEvent.DeadlinePassed;
        }
        catch (Exception e)
        {
            fault = e;
            return null;
        }
    }
}
