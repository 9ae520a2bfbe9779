using Web.Giraffe;

namespace Scale.Simulation;

/// <summary>What is simulated.</summary>
/// <param name="Webs">Web nodes; each request comes to one of them by chance.</param>
/// <param name="Workers">That all web nodes share.</param>
/// <param name="Lanes">Pictures that one worker has under way at once.</param>
/// <param name="InFlight">Requests that one web node gives one worker at a time.</param>
/// <param name="Services">Seconds that a lane takes for a picture, one of these by chance.</param>
/// <param name="Slow">The share of the workers, 0 … 1, that take twice as long.</param>
/// <param name="Out">The share of the workers, 0 … 1, that fail in the middle third of the time.</param>
/// <param name="Trip">Seconds from the web node to the worker and back.</param>
/// <param name="Duration">Simulated seconds.</param>
/// <param name="Seed">Of arrivals, pictures and choices.</param>
public sealed record Plan(
    int Webs,
    int Workers,
    int Lanes,
    int InFlight,
    IReadOnlyList<double> Services,
    double Slow,
    double Out,
    double Trip,
    double Duration,
    int Seed)
{
    /// <summary>Pictures a second that all workers together can name.</summary>
    public double Capacity => Workers * (1 - (Slow / 2)) * Lanes / Services.Average();

    /// <summary>How many times as long as the measured worker this one takes.</summary>
    public double Slowness(int worker) => worker < Workers * Slow ? 2 : 1;

    /// <summary>Whether this worker is one of those that fail. They are not the slow ones alone.</summary>
    public bool Fails(int worker) => Out > 0 && worker % (int)Math.Round(1 / Out) == 0;
}

/// <summary>One point of a curve.</summary>
/// <param name="LoadBalancingPolicy">The policy.</param>
/// <param name="Load">Requests a second as a share of the capacity.</param>
/// <param name="Median">Seconds from arrival to answer.</param>
/// <param name="Tail">The 99th percentile of that.</param>
/// <param name="Unanswered">The share of the requests that had no answer when the time was over.</param>
public sealed record Point(LoadBalancingPolicy LoadBalancingPolicy, double Load, double Median, double Tail, double Unanswered);
