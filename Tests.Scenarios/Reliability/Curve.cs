using Bench.Nodes;

namespace Reliability.Scenarios;

/// <summary>The resources of one node over time.</summary>
internal sealed class Curve(string name, NodeProcess node)
{
    private readonly List<(TimeSpan At, Footprint Held)> samples = [];

    public string Name => name;

    public IReadOnlyList<(TimeSpan At, Footprint Held)> Samples => samples;

    public void Sample(TimeSpan at) => samples.Add((at, node.Footprint()));

    /// <summary>
    /// Returns the median of each quantity by itself, over the samples from <paramref name="from"/> to
    /// <paramref name="to"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are no samples.</exception>
    public Footprint Median(TimeSpan from, TimeSpan to)
    {
        var some = samples.Where(sample => sample.At >= from && sample.At < to).Select(sample => sample.Held).ToList();
        T Middle<T>(Func<Footprint, T> quantity) => some.Count == 0
            ? throw new InvalidOperationException($"{name} was not sampled from {from} to {to}.")
            : some.Select(quantity).Order().ElementAt(some.Count / 2);
        return new Footprint(Middle(one => one.Resident), Middle(one => one.Peak), Middle(one => one.Threads), Middle(one => one.Handles));
    }
}
