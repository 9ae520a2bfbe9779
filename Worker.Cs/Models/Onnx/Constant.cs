using System.Runtime.InteropServices;

namespace Worker.Models.Onnx;

/// <summary>A constant of the graph as float32, such as the weights of a linear layer.</summary>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its values, in row-major order.</param>
internal sealed record Constant(int[] Shape, float[] Values)
{
    /// <summary>
    /// Returns a tensor's value if the graph fixes it: an initializer, a constant, or one of them dequantized, cast,
    /// reshaped or transposed. Null for anything else, and for external data.
    /// </summary>
    public static Constant? Of(OnnxGraph graph, string tensor)
    {
        if (graph.Initializer(tensor) is { } initializer)
        {
            return Of(initializer);
        }

        return graph.Producer(tensor) switch
        {
            { OpType: "Constant" } node when node.Tensor("value") is { } value => Of(value),
            { OpType: "ConstantOfShape" } node => Filled(graph, node),
            { OpType: "DequantizeLinear" } node => Dequantized(graph, node),
            { OpType: "Identity" or "Cast" } node => Of(graph, node.Input[0]),
            { OpType: "Reshape" } node => Reshaped(graph, node),
            { OpType: "Transpose" } node => Of(graph, node.Input[0])?.Transposed(),
            _ => null,
        };
    }

    /// <summary>Returns the matrix with rows and columns swapped; null if it is none.</summary>
    public Constant? Transposed()
    {
        if (Shape is not [var rows, var columns])
        {
            return null;
        }

        var values = new float[Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[(i % columns * rows) + (i / columns)] = Values[i];
        }

        return new Constant([columns, rows], values);
    }

    private static Constant? Of(TensorProto tensor)
    {
        var shape = tensor.Dims.Select(size => (int)size).ToArray();
        var count = shape.Aggregate(1, (product, size) => product * size);
        var raw = tensor.RawData.Span;
        float[]? values = (ElementType)tensor.DataType switch
        {
            _ when tensor.DataLocation != 0 => null,
            ElementType.Float when raw.Length > 0 => MemoryMarshal.Cast<byte, float>(raw).ToArray(),
            ElementType.Float => [.. tensor.FloatData],
            ElementType.Float16 when raw.Length > 0 => Map(MemoryMarshal.Cast<byte, Half>(raw), value => (float)value),
            ElementType.Float16 =>
                [.. tensor.Int32Data.Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits))],
            ElementType.UInt8 when raw.Length > 0 => Map(raw, value => (float)value),
            ElementType.Int8 when raw.Length > 0 => Map(raw, value => (float)(sbyte)value),
            ElementType.Int32 when raw.Length > 0 => Map(MemoryMarshal.Cast<byte, int>(raw), value => (float)value),
            ElementType.Int32 or ElementType.Int8 or ElementType.UInt8 =>
                [.. tensor.Int32Data.Select(value => (float)value)],
            ElementType.Int64 when raw.Length > 0 => Map(MemoryMarshal.Cast<byte, long>(raw), value => (float)value),
            ElementType.Int64 => [.. tensor.Int64Data.Select(value => (float)value)],
            _ => null,
        };
        return values?.Length == count ? new Constant(shape, values) : null;
    }

    private static float[] Map<T>(ReadOnlySpan<T> source, Func<T, float> convert)
    {
        var values = new float[source.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = convert(source[i]);
        }

        return values;
    }

    private static Constant? Filled(OnnxGraph graph, NodeProto node)
    {
        if (Of(graph, node.Input[0]) is not { } sizes)
        {
            return null;
        }

        var shape = Array.ConvertAll(sizes.Values, size => (int)size);
        var values = new float[shape.Aggregate(1, (product, size) => product * size)];
        Array.Fill(values, node.Tensor("value") is { } value ? Of(value)?.Values[0] ?? 0 : 0);
        return new Constant(shape, values);
    }

    /// <summary>Applies (value − zero point) × scale, for the whole tensor or for each slice of one axis.</summary>
    private static Constant? Dequantized(OnnxGraph graph, NodeProto node)
    {
        if (Of(graph, node.Input[0]) is not { } quantized || Of(graph, node.Input[1]) is not { } scale)
        {
            return null;
        }

        var zero = node.Input.Count > 2 && node.Input[2].Length > 0 ? Of(graph, node.Input[2]) : null;
        var axis = (int)node.Int("axis", 1);
        axis += axis < 0 ? quantized.Shape.Length : 0;
        var perSlice = scale.Values.Length > 1;
        if (perSlice && (axis >= quantized.Shape.Length || quantized.Shape[axis] != scale.Values.Length))
        {
            return null;
        }

        var inner = perSlice ? quantized.Shape[(axis + 1)..].Aggregate(1, (product, size) => product * size) : 1;
        var values = new float[quantized.Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var slice = perSlice ? i / inner % scale.Values.Length : 0;
            var origin = zero is null ? 0 : zero.Values[Math.Min(slice, zero.Values.Length - 1)];
            values[i] = (quantized.Values[i] - origin) * scale.Values[slice];
        }

        return quantized with { Values = values };
    }

    private static Constant? Reshaped(OnnxGraph graph, NodeProto node)
    {
        if (Of(graph, node.Input[0]) is not { } source || Of(graph, node.Input[1]) is not { } sizes)
        {
            return null;
        }

        // A size of 0 keeps the source's.
        int[] shape =
        [
            .. sizes.Values.Select((size, i) => size == 0 && i < source.Shape.Length ? source.Shape[i] : (int)size),
        ];
        var known = shape.Where(size => size >= 0).Aggregate(1, (product, size) => product * size);
        shape = Array.ConvertAll(shape, size => size < 0 ? source.Values.Length / Math.Max(known, 1) : size);
        return source with { Shape = shape };
    }
}
