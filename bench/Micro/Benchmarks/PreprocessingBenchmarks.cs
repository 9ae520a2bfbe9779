using BenchmarkDotNet.Attributes;
using NetVips;
using Scenarios.Fidelity;

namespace Micro.Benchmarks;

/// <summary>Measures the step from a file's bytes to the network's input, by format and size.</summary>
public class PreprocessingBenchmarks : IDisposable
{
    private Probe? probe;
    private byte[] file = [];

    /// <summary>The picture's format.</summary>
    [Params("jpeg", "jpeg 4:4:4", "png", "webp")]
    public string Format { get; set; } = "";

    /// <summary>The picture's shorter side in pixels.</summary>
    [Params(256, 683, 1213)]
    public int Side { get; set; }

    /// <summary>Draws the picture.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        probe = new Probe(Probe.Load());
        using var noise = Image.Gaussnoise(Side * 4 / 3, Side, sigma: 20, mean: 128, seed: 1);
        using var smooth = noise.Gaussblur(1.5);
        using var bands = smooth.Bandjoin(smooth.Invert(), smooth.Flip(Enums.Direction.Horizontal));
        using var bytes = bands.Cast(Enums.BandFormat.Uchar);
        using var picture = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        file = Format switch
        {
            "jpeg" => picture.JpegsaveBuffer(q: 90, subsampleMode: Enums.ForeignSubsample.On),
            "jpeg 4:4:4" => picture.JpegsaveBuffer(q: 90, subsampleMode: Enums.ForeignSubsample.Off),
            "png" => picture.PngsaveBuffer(compression: 6),
            _ => picture.WebpsaveBuffer(q: 80),
        };
    }

    /// <summary>Disposes the network.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        probe?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Measures the worker's preprocessing.</summary>
    [Benchmark]
    public float Preprocess()
    {
        probe!.Preprocess(file);
        return probe.Tensor[0];
    }
}
