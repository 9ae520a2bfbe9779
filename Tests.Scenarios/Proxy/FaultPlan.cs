namespace Scenarios.Proxy;

/// <summary>
/// The faults of one direction of one connection. Every message takes the same number of draws, so the fault of one
/// does not affect the next.
/// </summary>
internal sealed class FaultPlan(FaultOptions options, int connection, Direction direction)
{
    // Neighbouring seeds, connections and directions must not share a sequence.
    private readonly Random random = new(
        unchecked((options.Seed * 16_777_619) ^ (connection * 2_654_435) ^ ((int)direction * 40_503)));
    private int messages;

    /// <summary>Returns the fault of the next message, which has <paramref name="length"/> bytes.</summary>
    public InjectedFault Next(long length)
    {
        var chance = random.NextDouble();
        var place = random.NextDouble();
        var bit = random.Next(8);
        var kind = Choose(chance, byReset: (bit & 1) == 1);
        return new InjectedFault(connection, direction, messages++, kind, (long)(place * length), bit);
    }

    private FaultKind Choose(double chance, bool byReset)
    {
        ReadOnlySpan<(double Probability, FaultKind Kind)> all =
        [
            (options.Flip, FaultKind.Flip),
            (options.Cut, byReset ? FaultKind.CutByReset : FaultKind.CutByClose),
            (options.BlackHole, FaultKind.BlackHole),
            (options.Duplicate, FaultKind.Duplicate),
            (options.Join, FaultKind.Join),
        ];
        foreach (var (probability, kind) in all)
        {
            if (chance < probability)
            {
                return kind;
            }

            chance -= probability;
        }

        return FaultKind.None;
    }
}
