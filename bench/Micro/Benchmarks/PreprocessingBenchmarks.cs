using BenchmarkDotNet.Attributes;
using Scenarios.Inference;
using Scenarios.Pictures;

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
        using var picture = NoisePicture.Draw(Side * 4 / 3, Side);
        file = Format switch
        {
            "jpeg" => SamplePictures.Jpeg(picture),
            "jpeg 4:4:4" => SamplePictures.Jpeg(picture, wholeColours: true),
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
