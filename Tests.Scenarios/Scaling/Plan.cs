using Web.Giraffe;

namespace Scale.Simulation;

/// <summary>The parameters of a simulation.</summary>
/// <param name="Webs">The number of web nodes; each request goes to a random one.</param>
/// <param name="Workers">The number of workers, shared by all web nodes.</param>
/// <param name="Lanes">The number of pictures that one worker processes at once.</param>
/// <param name="InFlight">The maximum of requests that one web node sends to one worker at a time.</param>
/// <param name="Services">Service times of a lane in seconds; each picture takes a random one.</param>
/// <param name="Slow">The share of the workers, 0 … 1, that take twice as long.</param>
/// <param name="Out">The share of the workers, 0 … 1, that fail in the middle third of the time.</param>
/// <param name="Trip">The round-trip time from the web node to the worker, in seconds.</param>
/// <param name="Duration">The simulated time in seconds.</param>
/// <param name="Seed">The random seed of arrivals, pictures and choices.</param>
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
    /// <summary>The capacity of all workers together, in pictures per second.</summary>
    public double Capacity => Workers * (1 - (Slow / 2)) * Lanes / Services.Average();

    /// <summary>Returns this worker's service time as a multiple of the measured worker's.</summary>
    public double Slowness(int worker) => worker < Workers * Slow ? 2 : 1;

    /// <summary>Returns whether this worker fails. The failing workers are not only the slow ones.</summary>
    public bool Fails(int worker) => Out > 0 && worker % (int)Math.Round(1 / Out) == 0;
}

/// <summary>A point of a curve.</summary>
/// <param name="LoadBalancingPolicy">The policy.</param>
/// <param name="Load">Requests per second as a share of the capacity.</param>
/// <param name="Median">The median of the time from arrival to answer, in seconds.</param>
/// <param name="Tail">The 99th percentile of that time, in seconds.</param>
/// <param name="Unanswered">The share of the requests without an answer at the end.</param>
public sealed record Point(LoadBalancingPolicy LoadBalancingPolicy, double Load, double Median, double Tail, double Unanswered);
