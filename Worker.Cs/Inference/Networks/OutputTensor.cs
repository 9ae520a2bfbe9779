using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Worker.Models;

namespace Worker.Inference;

/// <summary>One executor's output, over memory of its own.</summary>
internal sealed class OutputTensor : IDisposable
{
    private readonly NetworkOutput output;
    private readonly float[] values;
    private readonly Float16[] halves;

    public OutputTensor(NetworkOutput output)
    {
        this.output = output;
        values = new float[output.Length];
        halves = output.IsHalf ? new Float16[output.Length] : [];
        Value = output.IsHalf
            ? OrtValue.CreateTensorValueFromMemory(halves, output.Shape)
            : OrtValue.CreateTensorValueFromMemory(values, output.Shape);
    }

    /// <summary>The tensor, over this object's memory.</summary>
    public OrtValue Value { get; }

    /// <summary>Returns the raw values of the network; call it before <see cref="Probabilities"/>.</summary>
    public float[] Copy()
    {
        ConvertHalves();
        return [.. values];
    }

    /// <summary>Returns a probability for each value that the network left in <see cref="Value"/>.</summary>
    public Span<float> Probabilities()
    {
        ConvertHalves();
        switch (output.Kind)
        {
            case OutputKind.Logits:
                // Large logits would overflow.
                TensorPrimitives.Subtract(values, TensorPrimitives.Max<float>(values), values);
                TensorPrimitives.SoftMax(values, values);
                break;
            case OutputKind.Sigmoid when output.NeedsSigmoid:
                TensorPrimitives.Sigmoid(values, values);
                break;
            case OutputKind.Probabilities when TensorPrimitives.Sum<float>(values) is > 1 and var sum:
                // Rounded to half precision, they may sum to more than 1, which no reader of an answer expects.
                TensorPrimitives.Divide(values, sum, values);
                break;
            default:
                break;
        }

        return values;
    }

    /// <summary>Copies the same output of another session.</summary>
    public void Fill(OrtValue other)
    {
        if (output.IsHalf)
        {
            other.GetTensorDataAsSpan<Float16>().CopyTo(halves);
        }
        else
        {
            other.GetTensorDataAsSpan<float>().CopyTo(values);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();

    private void ConvertHalves() =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(halves.AsSpan()), values);
}
