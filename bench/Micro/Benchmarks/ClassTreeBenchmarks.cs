using BenchmarkDotNet.Attributes;
using Protocol.Core;
using Worker.Inference;
using Worker.Models;

namespace Micro.Benchmarks;

/// <summary>Measures the step from probabilities to the answer in ImageNet's class tree.</summary>
public class ClassTreeBenchmarks
{
    private readonly float[] probabilities = new float[1000];
    private double[] sums = [];
    private ClassTree? tree;

    /// <summary>Reads the tree; the probabilities are so even that no class is the answer.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        if (!ModelCatalog.FindTree("imagenet", ModelCatalog.DefaultDirectory()).Try(out var path, out var reason)
            || !ClassTreeFile.Read(path).Try(out var file, out reason))
        {
            throw new InvalidOperationException(reason);
        }

        tree = new ClassTree(file, [.. file.Classes.Select(node => node.Name)]);
        sums = new double[tree.GroupCount];
        Array.Fill(probabilities, 1f / probabilities.Length);
    }

    /// <summary>Measures the sums of all groups and the search for the answer.</summary>
    [Benchmark]
    public HedgedAnswer Hedge() => ConfidentAnswer.Choose(tree!, probabilities, 0, 0.8, sums);
}
