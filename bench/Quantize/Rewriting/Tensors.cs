using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace Quantize.Rewriting;

/// <summary>Reads and writes tensors stored in an ONNX file.</summary>
internal static class Tensors
{
    /// <summary>The numbers of TensorProto.DataType.</summary>
    public const int Float = 1;

    private static readonly Dictionary<Type, int> Types =
        new() { [typeof(float)] = Float, [typeof(byte)] = 2, [typeof(sbyte)] = 3, [typeof(int)] = 6 };

    /// <summary>Adds a tensor of shape <paramref name="shape"/>; a single value if that is empty.</summary>
    public static void Store<T>(this GraphProto graph, string name, ReadOnlySpan<T> values, params IEnumerable<long> shape)
        where T : unmanaged
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = Types[typeof(T)],
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
    }

    /// <summary>Returns the tensor of this name.</summary>
    public static TensorProto Stored(this GraphProto graph, string name) => graph.Initializer.First(tensor => tensor.Name == name);

    /// <summary>Returns a copy of its values, little-endian in the file as in memory.</summary>
    public static T[] Values<T>(this TensorProto tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.RawData.Span).ToArray();
}
