using System.Globalization;
using Bench.Nodes;
using Microsoft.FSharp.Core;
using Protocol.Core;
using Wire.Damage;

namespace Wire.Scenarios;

/// <summary>Flips two bits in each message; the checksums must detect it.</summary>
public sealed class FlipsScenario : Scenario
{
    private const int LongestPicture = 16_384;

    private static readonly Target[] Targets = Enum.GetValues<Target>();

    // All parameters of the web node except the maps, which would make a short result long.
    private static readonly Parameters Extended = new(
        true, true, true, true, true, true, false, false,
        FSharpValueOption<int>.NewValueSome(10),
        FSharpValueOption<ModelName>.NewValueSome(new ModelName("mobilenetv2", FSharpValueOption<string>.NewValueSome("12-qdq"))),
        FSharpValueOption<string>.NewValueSome("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

    private static readonly Recognition Answer = new(
        "mobilenetv2", "12-qdq", "0a1b2c3d", false,
        [
            new(258, "Samoyed", .9284364581108093), new(257, "Great Pyrenees", .014907), new(231, "collie", .010252),
            new(232, "Border collie", .008058), new(259, "Pomeranian", 8.1e-05),
        ],
        [new("queue", .1), new("decode", 9.8), new("inference", 5.2)],
        []);

    // The plain result has no numbers, no model and no times.
    private static readonly Recognition PlainAnswer = RecognitionModule.ofPredictions(RecognitionModule.predictions(Answer));

    /// <inheritdoc/>
    public override string Name => "flips";

    /// <inheritdoc/>
    public override string Summary => "flipped bits, two in each message: undetected by the extended exchange";

    /// <inheritdoc/>
    public override string Goal => "0";

    /// <inheritdoc/>
    protected override async Task RunAsync(Work work, Finding finding)
    {
        var picture = await File.ReadAllBytesAsync(Directory.EnumerateFiles(Tree.Samples, "*.png").Order(StringComparer.Ordinal).First());
        var plain = Count(work, picture, ParametersModule.none, PlainAnswer);
        var extended = Count(work, picture, Extended, Answer);
        finding.Condition(string.Create(
            CultureInfo.InvariantCulture,
            $"{work.Messages:N0} messages of each exchange, a quarter each sizes, images, results and answers, seed {work.Seed}; images of 1 to {LongestPicture:N0} bytes"));
        finding.Condition("both state machines, no sockets; undetected: the client takes an answer to another picture or to other parameters, or another answer than was given");
        finding.Detail($"plain {Describe(plain)}");
        finding.Detail($"extended {Describe(extended)}");
        finding.Count(extended.Sum(), plain.Sum() > 0);
    }

    private static int[] Count(Work work, byte[] source, Parameters parameters, Recognition answer)
    {
        var undetected = new int[Targets.Length];
        Parallel.For(0, work.Messages, number =>
        {
            // Neighbouring seeds must not share a sequence.
            var random = new Random(unchecked((work.Seed * 16_777_619) ^ (number * 2_654_435)));
            var length = random.Next(1, Math.Min(LongestPicture, source.Length) + 1);
            var start = random.Next(source.Length - length + 1);
            var target = number % Targets.Length;
            if (DamagedExchange.Play(source[start..(start + length)], parameters, answer, new Damager(Targets[target], random)) == Ending.Undetected)
            {
                Interlocked.Increment(ref undetected[target]);
            }
        });
        return undetected;
    }

    private static string Describe(int[] undetected) =>
        $"{undetected.Sum().ToString("N0", CultureInfo.InvariantCulture)} undetected ({string.Join(", ", Targets.Zip(undetected, (target, count) => $"{count} of the {target.ToString().ToLowerInvariant()}s"))})";
}
