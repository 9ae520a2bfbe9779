using System.Text;

namespace Worker.Inference;

/// <summary>
/// Reads the few fields of an ONNX file that the maps need. The file is a protobuf message: each field is a key
/// (number and kind) and a value, and two occurrences of a message merge their fields.
/// </summary>
internal static class OnnxFile
{
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int GraphOutput = 12;
    private const int NodeInput = 1;
    private const int NodeOperator = 4;
    private const int ValueName = 1;

    private const int Varint = 0;
    private const int EightBytes = 1;
    private const int Block = 2;
    private const int FourBytes = 5;

    /// <summary>Returns the input tensor of the last global average pool; null if none or not ONNX.</summary>
    public static string? PoolInput(ReadOnlySpan<byte> model)
    {
        string? input = null;
        for (var rest = model; Next(ref rest, out var field, out var graph);)
        {
            for (var nodes = field == ModelGraph ? graph : default; Next(ref nodes, out field, out var node);)
            {
                input = field == GraphNode ? Pooled(node) ?? input : input;
            }
        }

        return input;
    }

    /// <summary>Returns the model with one more output, whose type follows from the graph.</summary>
    public static byte[] WithOutput(ReadOnlySpan<byte> model, string tensor) =>
        [.. model, .. Field(ModelGraph, Field(GraphOutput, Field(ValueName, Encoding.UTF8.GetBytes(tensor))))];

    private static string? Pooled(ReadOnlySpan<byte> node)
    {
        string? input = null;
        var isPool = false;
        for (var rest = node; Next(ref rest, out var field, out var value);)
        {
            input ??= field == NodeInput ? Encoding.UTF8.GetString(value) : null;
            isPool |= field == NodeOperator && value.SequenceEqual("GlobalAveragePool"u8);
        }

        return isPool ? input : null;
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value)
    {
        List<byte> bytes = [(byte)((number << 3) | Block)];
        for (var length = value.Length; ; length >>= 7)
        {
            if (length < 0x80)
            {
                return [.. bytes, (byte)length, .. value];
            }

            bytes.Add((byte)(length | 0x80));
        }
    }

    /// <summary>Reads the next field; its value is empty for anything but a block. Returns false at the end.</summary>
    private static bool Next(ref ReadOnlySpan<byte> rest, out int field, out ReadOnlySpan<byte> value)
    {
        value = default;
        field = 0;
        if (!TryVarint(ref rest, out var key))
        {
            return false;
        }

        field = (int)(key >> 3);
        var length = 0UL;
        switch ((int)(key & 7))
        {
            case Varint:
                return TryVarint(ref rest, out _);
            case EightBytes:
                length = sizeof(ulong);
                break;
            case FourBytes:
                length = sizeof(uint);
                break;
            case Block when TryVarint(ref rest, out length):
                break;
            default:
                return false;
        }

        if (length > (ulong)rest.Length)
        {
            return false;
        }

        value = (key & 7) == Block ? rest[..(int)length] : default;
        rest = rest[(int)length..];
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
