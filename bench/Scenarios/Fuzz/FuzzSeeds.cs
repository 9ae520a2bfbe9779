using System.Buffers;
using Protocol.Core;
using Protocol.Core.Interop;

namespace Scenarios.Bench.Fuzz;

/// <summary>The initial inputs: a peer's bytes in a whole exchange, plain and extended, for either side.</summary>
internal static class FuzzSeeds
{
    /// <summary>The picture of the client's exchange; the worker's bytes answer it.</summary>
    public static readonly byte[] Picture = "Man"u8.ToArray();

    /// <summary>
    /// Writes one file per input into <paramref name="folder"/>, cut so that its exchange ends with an answer. Throws
    /// <see cref="InvalidOperationException"/> with the input's name if no such cut exists.
    /// </summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes, isGood) in All())
        {
            var input = Enumerable.Range(0, ushort.MaxValue + 1)
                .Select(choice => FuzzTarget.Input((ushort)choice, bytes))
                .FirstOrDefault(one => isGood(FuzzTarget.Run(one)));
            File.WriteAllBytes(
                Path.Combine(folder, name),
                input ?? throw new InvalidOperationException($"The seed {name} gets no answer."));
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes, Predicate<FuzzOutcome> IsGood)> All()
    {
        var (plain, extended) = (ParametersModule.none, ParametersModule.extended);
        Prediction[] predictions = [new("Samoyed", 0.5)];
        var text = PredictionModule.write(predictions);
        var json = RecognitionJson.write(FuzzTarget.Asked, RecognitionModule.ofPredictions(predictions));
        var error = RecognitionJson.writeError(FuzzTarget.Asked, new Refusal("Damaged", "Cut short."));

        static bool IsServed(FuzzOutcome outcome) => outcome.Served == ExchangeOutcome.Answered;
        yield return ("client-plain", Sent(plain), IsServed);
        yield return ("client-extended", Sent(extended), IsServed);

        static bool IsAsked(FuzzOutcome outcome) => outcome.Asked == ExchangeOutcome.Answered;
        yield return ("worker-plain", Bytes(Message.Ack, Message.Ack, Message.NewResult(text, plain)), IsAsked);
        yield return ("worker-refuses", Bytes(Message.Ack, Message.Ack, Message.Nack), IsAsked);
        yield return ("worker-extended", Bytes(Message.Ack, Message.NewResult(json, extended)), IsAsked);
        yield return ("worker-says-why", Bytes(Message.Ack, Message.NewResult(error, extended)), IsAsked);

        static bool IsPayload(FuzzOutcome outcome) => outcome.Payload;
        yield return ("parameters", "raw;crc32c;top=7"u8.ToArray(), IsPayload);
        yield return ("predictions", text, IsPayload);
        yield return ("recognition", json, IsPayload);
        yield return ("error", error, IsPayload);
    }

    private static byte[] Sent(Parameters parameters) => Bytes(
        Message.NewSize(MessageModule.payloadLength(parameters, new ReadOnlySequence<byte>(Picture)), parameters),
        Message.NewImage(new ReadOnlySequence<byte>(Picture), parameters),
        Message.Ack);

    private static byte[] Bytes(params ReadOnlySpan<Message> messages)
    {
        var writer = new ArrayBufferWriter<byte>();
        foreach (var message in messages)
        {
            WorkerProtocol.Write(writer, message);
        }

        return writer.WrittenSpan.ToArray();
    }
}
