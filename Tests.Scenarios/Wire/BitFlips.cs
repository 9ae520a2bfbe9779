using System.Globalization;
using Microsoft.FSharp.Core;
using Protocol.Core;
using Scenarios.Nodes;
using Scenarios.Wire.Damage;

namespace Scenarios.Wire;

/// <summary>
/// Flips two bits in one message of each exchange between both state machines, without sockets; the checksums must
/// detect it. Undetected damage is an answer that the client accepts for another picture, for other parameters, or
/// other than it was given.
/// </summary>
internal static class BitFlips
{
    private const int LongestPicture = 16_384;

    private static readonly DamagedMessage[] Messages = Enum.GetValues<DamagedMessage>();

    // All parameters of the web node except the maps, which would make a short result long.
    private static readonly ModelName Model = new("mobilenetv2", FSharpValueOption<string>.NewValueSome("12-qdq"));

    private static readonly Parameters Extended = new(
        true, true, true, true, true, true, false, false, false, false,
        FSharpValueOption<int>.NewValueSome(10),
        FSharpValueOption<ModelName>.NewValueSome(Model),
        FSharpValueOption<double>.NewValueSome(.8),
        FSharpValueOption<string>.NewValueSome("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

    private static readonly Recognition Answer = new(
        "mobilenetv2", "12-qdq", "0a1b2c3d", false,
        [
            new(258, "Samoyed", .9284364581108093), new(257, "Great Pyrenees", .014907), new(231, "collie", .010252),
            new(232, "Border collie", .008058), new(259, "Pomeranian", 8.1e-05),
        ],
        FSharpValueOption<HedgedAnswer>.NewValueSome(new(
            "n02111889", "Samoyed", .9284364581108093, [new("n00015388", "animal"), new("n02111889", "Samoyed")])),
        [new("queue", .1), new("decode", 9.8), new("inference", 5.2)],
        [],
        []);

    // The plain result has no numbers, no model and no times.
    private static readonly Recognition PlainAnswer = RecognitionModule.ofPredictions(
        RecognitionModule.predictions(Answer));

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        var picture = await File.ReadAllBytesAsync(
            Directory.EnumerateFiles(Tree.Samples, "*.png").Order(StringComparer.Ordinal).First());
        var plain = Count(options, picture, ParametersModule.none, PlainAnswer);
        var extended = Count(options, picture, Extended, Answer);
        report.Note(
            $"{Exchanges(options)} exchanges of each kind, pictures of 1 to {LongestPicture} bytes, seed "
                + $"{options.Seed}");
        report.Must(plain.Sum() > 0, $"plain, which shows that the damage arrives: {Describe(plain)}");
        report.Must(extended.Sum() == 0, $"extended: {Describe(extended)}");
    }

    private static int Exchanges(ScenarioOptions options) => options.Of(4_000, 100_000);

    private static int[] Count(ScenarioOptions options, byte[] source, Parameters parameters, Recognition answer)
    {
        var undetected = new int[Messages.Length];
        Parallel.For(0, Exchanges(options), number =>
        {
            // Neighbouring seeds must not share a sequence.
            var random = new Random(unchecked((options.Seed * 16_777_619) ^ (number * 2_654_435)));
            var length = random.Next(1, Math.Min(LongestPicture, source.Length) + 1);
            var start = random.Next(source.Length - length + 1);
            var message = number % Messages.Length;
            var flipper = new BitFlipper(Messages[message], random);
            var outcome = DamagedExchange.Run(source[start..(start + length)], parameters, answer, flipper);
            if (outcome == DamageOutcome.Undetected)
            {
                Interlocked.Increment(ref undetected[message]);
            }
        });
        return undetected;
    }

    private static string Describe(int[] undetected) =>
        $"{undetected.Sum().ToString("N0", CultureInfo.InvariantCulture)} undetected "
            + $"({string.Join(", ", Messages.Zip(undetected, (message, count) => $"{message}: {count}"))})";
}
