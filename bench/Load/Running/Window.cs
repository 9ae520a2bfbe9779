using HdrHistogram;

namespace Load.Running;

/// <summary>What happened in one span of time under one load.</summary>
/// <param name="Elapsed">Its length.</param>
/// <param name="Latencies">Of the answers, in microseconds, to three digits.</param>
/// <param name="Errors">How many of each kind.</param>
/// <param name="Due">Requests that were to begin in it.</param>
/// <param name="Cost">What the generator took for it.</param>
public sealed record Window(
    TimeSpan Elapsed,
    LongHistogram Latencies,
    IReadOnlyDictionary<string, long> Errors,
    long Due,
    Cost Cost)
{
    /// <summary>The longest latency that is told from longer ones.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Answers.</summary>
    public long Answers => Latencies.TotalCount;

    /// <summary>Answers a second.</summary>
    public double Rate => Answers / Elapsed.TotalSeconds;

    /// <summary>Answers a second that these cores would give if the generator had its own.</summary>
    public double RateAlone => Rate / (1 - Math.Min(Cost.OwnShare, .99));

    /// <summary>Errors of every kind.</summary>
    public long Failed => Errors.Values.Sum();

    /// <summary>Several as one.</summary>
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
            elapsed, latencies, errors, windows.Sum(window => window.Due), Cost.Mean([.. windows.Select(window => window.Cost)]));
    }

    /// <summary>Milliseconds that a share of the answers kept to, in per cent, 0 … 100; zero without an answer.</summary>
    public double Milliseconds(double percent) => Answers == 0 ? 0 : Latencies.GetValueAtPercentile(percent) / 1000.0;

    /// <summary>An empty one for latencies.</summary>
    public static LongHistogram NewHistogram() => new(1, (long)Longest.TotalMicroseconds, 3);

    /// <summary>Adds one latency.</summary>
    public static void Record(LongHistogram latencies, TimeSpan latency) =>
        latencies.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, (long)Longest.TotalMicroseconds));
}
