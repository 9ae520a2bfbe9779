using BenchmarkDotNet.Attributes;
using Scenarios.Inference;

namespace Micro.Benchmarks;

/// <summary>Measures one run of the network, on one thread.</summary>
public class InferenceBenchmarks : IDisposable
{
    private Probe? probe;

    /// <summary>Loads the network.</summary>
    [GlobalSetup]
    public void Prepare() => probe = new Probe(Probe.Load());

    /// <summary>Disposes the network.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        probe?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Measures inference and softmax for one input.</summary>
    [Benchmark]
    public float[] Infer() => probe!.Probabilities();
}
