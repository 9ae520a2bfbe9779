using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// One executor's input: the planes that the preprocessor fills, and the tensor in the network's type and order.
/// </summary>
internal sealed class InputTensor : IDisposable
{
    private static readonly float[] Luma = [0.299f, 0.587f, 0.114f];

    private readonly NetworkInput input;
    private readonly float[] planes;
    private readonly float[] ordered;
    private readonly Float16[] halves = [];
    private readonly byte[] bytes = [];

    public InputTensor(NetworkInput input)
    {
        this.input = input;
        planes = new float[input.Preprocessing.Length];
        ordered = input.IsPlanes ? planes : new float[input.Length];
        switch (input.Type)
        {
            case InputType.HalfPrecision:
                halves = new Float16[input.Length];
                Value = OrtValue.CreateTensorValueFromMemory(halves, input.Shape);
                break;
            case InputType.Bytes:
                bytes = new byte[input.Length];
                Value = OrtValue.CreateTensorValueFromMemory(bytes, input.Shape);
                break;
            default:
                Value = OrtValue.CreateTensorValueFromMemory(ordered, input.Shape);
                break;
        }
    }

    /// <summary>The tensor, over this object's memory.</summary>
    public OrtValue Value { get; }

    /// <summary>
    /// Red, green and blue, normalized: <c>[3, height, width]</c>. Call <see cref="Commit"/> after a change.
    /// </summary>
    public Span<float> Planes => planes;

    /// <summary>The bytes of the tensor: little-endian, in the network's type and order.</summary>
    public Span<byte> Bytes => input.Type switch
    {
        InputType.HalfPrecision => MemoryMarshal.AsBytes(halves.AsSpan()),
        InputType.Bytes => bytes,
        _ => MemoryMarshal.AsBytes(ordered.AsSpan()),
    };

    /// <summary>Converts the planes to the network's order and type.</summary>
    public void Commit()
    {
        if (!input.IsPlanes)
        {
            Order();
        }

        if (input.Type == InputType.HalfPrecision)
        {
            TensorPrimitives.ConvertToHalf(ordered, MemoryMarshal.Cast<Float16, Half>(halves.AsSpan()));
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp(MathF.Round(ordered[i]), byte.MinValue, byte.MaxValue);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();

    private void Order()
    {
        var plane = planes.Length / Luma.Length;
        if (input.Channels == InputChannels.Grey)
        {
            // Normalization is the same for all colours, so that it may come first.
            ordered.AsSpan().Clear();
            for (var colour = 0; colour < Luma.Length; colour++)
            {
                TensorPrimitives.MultiplyAdd(planes.AsSpan(colour * plane, plane), Luma[colour], ordered, ordered);
            }

            return;
        }

        for (var channel = 0; channel < Luma.Length; channel++)
        {
            var colour = input.Channels == InputChannels.Bgr ? Luma.Length - 1 - channel : channel;
            var source = planes.AsSpan(colour * plane, plane);
            if (input.Layout == InputLayout.Nchw)
            {
                source.CopyTo(ordered.AsSpan(channel * plane));
                continue;
            }

            for (var i = 0; i < source.Length; i++)
            {
                ordered[(i * Luma.Length) + channel] = source[i];
            }
        }
    }
}
