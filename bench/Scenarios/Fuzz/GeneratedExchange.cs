using System.Buffers;
using Protocol.Core;
using Protocol.Core.Interop;

namespace Scenarios.Bench.Fuzz;

/// <summary>
/// Feeds an exchange the bytes as its peer's, in up to twelve steps, with connection events in between. Throws if an
/// exchange consumes more bytes than there are.
/// </summary>
internal static class GeneratedExchange
{
    private const int MaxSteps = 12;

    private static readonly byte[] Picture = "Man"u8.ToArray();

    private static readonly Prediction[] Predictions = [new Prediction("Samoyed", 0.5)];

    /// <summary>
    /// Runs a worker's exchange with a client's <paramref name="bytes"/>; every picture is classified or unreadable.
    /// </summary>
    public static ExchangeOutcome Serve(ReadOnlyMemory<byte> bytes, Random random)
    {
        var state = WorkerProtocol.Start(Limits.Standard);
        var (at, end) = (0, random.Next(bytes.Length + 1));
        var (ending, recognizing) = (ExchangeOutcome.None, false);
        for (var step = 0; ending == ExchangeOutcome.None && step < MaxSteps; step++)
        {
            WorkerEvent next = recognizing ? (
                random.Next(4) > 0
                    ? WorkerEvent.NewRecognized(RecognitionModule.ofPredictions(Predictions))
                    : WorkerEvent.NewUndecodable(RefusalModule.create("Damaged", "Cut short.")))
                : at < end ? WorkerEvent.NewReceived(Pieces.Cut(bytes[at..end], random))
                : random.Next(6) switch
                {
                    0 => WorkerEvent.PeerEnded,
                    1 => WorkerEvent.DeadlinePassed,
                    _ => WorkerEvent.IdleTimeout,
                };
            recognizing = false;
            foreach (var effect in WorkerProtocol.Step(ref state, next))
            {
                switch (effect)
                {
                    case WorkerEffect.Consume consume:
                        at += Within(consume.Bytes, end - at);
                        break;
                    case WorkerEffect.Recognize recognize:
                        using (recognize.Image)
                        {
                            recognizing = recognize.Image.Memory.Length > 0;
                        }

                        break;
                    case WorkerEffect.Finish:
                        ending = ExchangeOutcome.Answered;
                        break;
                    case WorkerEffect.Fail:
                        ending = ExchangeOutcome.Failed;
                        break;
                }
            }

            end = random.Next(end, bytes.Length + 1);
        }

        return ending;
    }

    /// <summary>
    /// Runs a client's exchange, plain or with all parameters, with a worker's <paramref name="bytes"/>.
    /// </summary>
    public static ExchangeOutcome Ask(ReadOnlyMemory<byte> bytes, Random random)
    {
        var (state, _) = ClientExchange.start(
            Limits.Standard,
            random.Next(2) > 0 ? ParametersModule.extended : ParametersModule.none,
            new ReadOnlySequence<byte>(Picture));
        var (at, end) = (0, random.Next(bytes.Length + 1));
        var ending = ExchangeOutcome.None;
        for (var step = 0; ending == ExchangeOutcome.None && step < MaxSteps; step++)
        {
            ClientEvent next = at < end ? ClientEvent.NewReceived(Pieces.Cut(bytes[at..end], random))
                : random.Next(6) switch
                {
                    0 => ClientEvent.PeerEnded,
                    1 => ClientEvent.DeadlinePassed,
                    _ => ClientEvent.IdleTimeout,
                };
            var (after, effects) = ClientExchange.step(state, next);
            state = after;
            foreach (var effect in effects)
            {
                at += effect is ClientEffect.Consume consume ? Within(consume.bytes, end - at) : 0;
                ending = effect.IsFinish ? ExchangeOutcome.Answered : effect.IsFail ? ExchangeOutcome.Failed : ending;
            }

            end = random.Next(end, bytes.Length + 1);
        }

        return ending;
    }

    private static int Within(long consumed, int held) =>
        consumed >= 0 && consumed <= held
            ? (int)consumed
            : throw new InvalidOperationException($"{consumed} of {held} bytes consumed");
}
