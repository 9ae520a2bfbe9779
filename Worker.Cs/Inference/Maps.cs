using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Protocol.Core;

namespace Worker.Inference;

/// <summary>One executor's map buffers, bound to its own input and logits.</summary>
internal sealed class Maps : IDisposable
{
    private readonly ClassActivationMapSession network;
    private readonly float[] cells;
    private readonly OrtValue value;
    private readonly OrtIoBinding binding;

    public Maps(ClassActivationMapSession network, Network plain, OrtValue input, OrtValue output)
    {
        this.network = network;
        cells = new float[network.Output.Length];
        value = OrtValue.CreateTensorValueFromMemory(cells, network.Output.Shape);
        binding = network.Session.CreateIoBinding();
        binding.BindInput(plain.Input.Name, input);
        binding.BindOutput(plain.Output.Name, output);
        binding.BindOutput(network.Output.Name, value);
    }

    /// <summary>Runs the network; fills the executor's output and the maps.</summary>
    public void Infer(RunOptions run) => network.Session.RunWithBinding(run, binding);

    /// <summary>Returns the maps of these classes, scaled to 8 bits between their lowest and highest values.</summary>
    public ClassMap[] Of(RecognizedClass[] classes) => [.. classes.Select(found => Of(found.Index))];

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        value.Dispose();
    }

    private ClassMap Of(int index)
    {
        var size = network.Width * network.Height;
        var map = cells.AsSpan(index * size, size);
        var lowest = TensorPrimitives.Min<float>(map);
        var highest = TensorPrimitives.Max<float>(map);
        var step = highest > lowest ? 255 / (highest - lowest) : 0;
        var levels = new byte[size];
        for (var i = 0; i < size; i++)
        {
            levels[i] = (byte)MathF.Round((map[i] - lowest) * step);
        }

        return new ClassMap(index, network.Width, network.Height, lowest, highest, levels);
    }
}
