using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Protocol.Core;

namespace Worker.Inference;

/// <summary>Computes class activation maps for one executor, from the features of the network.</summary>
internal sealed class ClassActivationMaps(ClassActivationMapSession maps, Network network, InputTensor input, OutputTensor output)
{
    private readonly int size = maps.Width * maps.Height;
    private float[] features = [];

    /// <summary>Runs the network; fills the executor's output and the features.</summary>
    public void Infer(RunOptions run)
    {
        using var results = maps.Session.Run(
            run, [network.Input.Name], [input.Value], [network.Output.Name, maps.Classifier.Features]);
        output.Fill(results[0]);
        features = TrialRun.Values(results[1]);
        if (maps.Classifier.ChannelsLast)
        {
            features =
            [
                .. from feature in Enumerable.Range(0, maps.Count)
                   from cell in Enumerable.Range(0, size)
                   select features[(cell * maps.Count) + feature],
            ];
        }
    }

    /// <summary>Returns the maps of these classes, scaled to 8 bits between their lowest and highest values.</summary>
    public ClassMap[] Of(RecognizedClass[] classes) => [.. classes.Select(found => Of(found.Index))];

    private ClassMap Of(int index)
    {
        var map = Cells(index + network.Output.Length - network.Labels.Count);
        var lowest = TensorPrimitives.Min<float>(map);
        var highest = TensorPrimitives.Max<float>(map);
        var step = highest > lowest ? 255 / (highest - lowest) : 0;
        var levels = new byte[size];
        for (var i = 0; i < size; i++)
        {
            levels[i] = (byte)MathF.Round((map[i] - lowest) * step);
        }

        return new ClassMap(index, maps.Width, maps.Height, lowest, highest, levels);
    }

    /// <summary>
    /// Returns the weighted sum of the features; the bias is in every cell, so that their mean is the logit.
    /// </summary>
    private float[] Cells(int value)
    {
        var cells = new float[size];
        if (maps.Classifier.Weights is { } weights)
        {
            for (var feature = 0; feature < maps.Count; feature++)
            {
                var weight = weights.Values[(value * maps.Count) + feature];
                TensorPrimitives.MultiplyAdd(features.AsSpan(feature * size, size), weight, cells, cells);
            }
        }
        else
        {
            features.AsSpan(value * size, size).CopyTo(cells);
        }

        TensorPrimitives.Add(cells, maps.Classifier.Bias?[value] ?? 0, cells);
        return cells;
    }
}
