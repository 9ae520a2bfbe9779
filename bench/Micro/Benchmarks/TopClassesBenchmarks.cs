using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using Protocol.Core;
using Worker.Inference;

namespace Micro.Benchmarks;

/// <summary>Measures the step from logits to the most probable classes.</summary>
public class TopClassesBenchmarks
{
    private const int Classes = 1000;

    private readonly float[] probabilities = new float[Classes];
    private readonly float[] drawn = new float[Classes];
    private readonly string[] labels = [.. Enumerable.Range(0, Classes).Select(index => $"class {index}")];

    /// <summary>The number of classes to return.</summary>
    [Params(5, 1000)]
    public int Count { get; set; }

    /// <summary>Generates random logits.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        for (var i = 0; i < Classes; i++)
        {
            drawn[i] = (float)(random.NextDouble() * 20);
        }
    }

    /// <summary>Measures softmax and top-k.</summary>
    [Benchmark]
    public RecognizedClass[] Top()
    {
        TensorPrimitives.SoftMax(drawn, probabilities);
        return TopClasses.Of(probabilities, labels, Count);
    }
}
