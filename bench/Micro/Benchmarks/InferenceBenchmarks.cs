using BenchmarkDotNet.Attributes;
using Micro.Fidelity;
using Micro.Goals;

namespace Micro.Benchmarks;

/// <summary>One run of the network, by threads and pictures in it.</summary>
public class InferenceBenchmarks : IDisposable
{
    private Runner? runner;

    /// <summary>Of the run, spinning where there are several.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Pictures in it.</summary>
    [Params(1, 4)]
    public int Batch { get; set; }

    /// <summary>Loads the network.</summary>
    [GlobalSetup]
    public void Prepare() => runner = new Runner("", Probe.Files().Network, Batch, 1, Threads, Spins: Threads > 1);

    /// <summary>Gives the network back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        runner?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>All pictures of one run.</summary>
    [Benchmark]
    public void Run() => runner!.Run(Batch);
}
