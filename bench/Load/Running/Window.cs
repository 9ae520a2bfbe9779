using HdrHistogram;

namespace Load.Running;

/// <summary>The measurements of one time span under one load.</summary>
/// <param name="Elapsed">The length.</param>
/// <param name="Latencies">The latencies of the answers in microseconds, to three digits.</param>
/// <param name="Errors">The number of errors of each kind.</param>
/// <param name="Due">The number of requests that were due in it.</param>
/// <param name="Cost">The generator's own cost.</param>
public sealed record Window(
    TimeSpan Elapsed,
    LongHistogram Latencies,
    IReadOnlyDictionary<string, long> Errors,
    long Due,
    Cost Cost)
{
    /// <summary>The longest latency that is recorded exactly; longer ones count as this one.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The number of answers.</summary>
    public long Answers => Latencies.TotalCount;

    /// <summary>Answers per second.</summary>
    public double Rate => Answers / Elapsed.TotalSeconds;

    /// <summary>Answers per second that these cores would give if the generator had its own.</summary>
    public double RateAlone => Rate / (1 - Math.Min(Cost.OwnShare, .99));

    /// <summary>The number of errors of every kind.</summary>
    public long Failed => Errors.Values.Sum();

    /// <summary>Merges several windows into one.</summary>
    public static Window Sum(IReadOnlyList<Window> windows)
    {
        var latencies = NewHistogram();
        var errors = new Dictionary<string, long>();
        foreach (var window in windows)
        {
            latencies.Add(window.Latencies);
            foreach (var (kind, count) in window.Errors)
            {
                errors[kind] = errors.GetValueOrDefault(kind) + count;
            }
        }

        var elapsed = windows.Aggregate(TimeSpan.Zero, (sum, window) => sum + window.Elapsed);
        return new Window(
            elapsed, latencies, errors, windows.Sum(window => window.Due), Cost.Mean(
                [.. windows.Select(window => window.Cost)]));
    }

    /// <summary>
    /// Returns the latency in milliseconds that a share of the answers, in per cent, 0 … 100, did not exceed; zero if
    /// there is no answer.
    /// </summary>
    public double Milliseconds(double percent) => Answers == 0 ? 0 : Latencies.GetValueAtPercentile(percent) / 1000.0;

    /// <summary>Creates an empty histogram for latencies.</summary>
    public static LongHistogram NewHistogram() => new(1, (long)Longest.TotalMicroseconds, 3);

    /// <summary>Adds one latency.</summary>
    public static void Record(LongHistogram latencies, TimeSpan latency) =>
        latencies.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, (long)Longest.TotalMicroseconds));
}
