namespace Scenarios.Scaling;

/// <summary>The parameters of a simulated cluster.</summary>
/// <param name="Webs">The number of web nodes; each request goes to a random one.</param>
/// <param name="Workers">The number of workers, shared by all web nodes.</param>
/// <param name="Executors">The number of pictures that one worker processes at once.</param>
/// <param name="InFlight">The maximum of requests that one web node sends to one worker at a time.</param>
/// <param name="Services">Service times of an executor in seconds; each picture takes a random one.</param>
/// <param name="Slow">The share of the workers, 0 … 1, that take twice as long.</param>
/// <param name="Drained">The share of the workers, 0 … 1, that are drained in the middle third of the time.</param>
/// <param name="RoundTrip">The round-trip time from the web node to the worker, in seconds.</param>
/// <param name="Duration">The simulated time in seconds.</param>
/// <param name="Seed">The random seed of arrivals, pictures and choices.</param>
public sealed record ClusterPlan(
    int Webs,
    int Workers,
    int Executors,
    int InFlight,
    IReadOnlyList<double> Services,
    double Slow,
    double Drained,
    double RoundTrip,
    double Duration,
    int Seed)
{
    /// <summary>The capacity of all workers together, in pictures per second.</summary>
    public double Capacity => Workers * (1 - (Slow / 2)) * Executors / Services.Average();

    /// <summary>Returns this worker's service time as a multiple of the measured worker's.</summary>
    public double Slowness(int worker) => worker < Workers * Slow ? 2 : 1;

    /// <summary>Returns whether this worker is drained. These workers are not only the slow ones.</summary>
    public bool IsDrained(int worker) => Drained > 0 && worker % (int)Math.Round(1 / Drained) == 0;
}
