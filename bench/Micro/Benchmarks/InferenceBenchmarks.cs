using BenchmarkDotNet.Attributes;
using Micro.Fidelity;
using Micro.Goals;

namespace Micro.Benchmarks;

/// <summary>Measures one run of the network, by threads and pictures per run.</summary>
public class InferenceBenchmarks : IDisposable
{
    private Runner? runner;

    /// <summary>The number of threads of the run; several threads spin.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>The number of pictures per run.</summary>
    [Params(1, 4)]
    public int Batch { get; set; }

    /// <summary>Loads the network.</summary>
    [GlobalSetup]
    public void Prepare() => runner = new Runner("", Probe.Files().Network, Batch, 1, Threads, Spins: Threads > 1);

    /// <summary>Disposes the network.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        runner?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Measures one run with all its pictures.</summary>
    [Benchmark]
    public void Run() => runner!.Run(Batch);
}
