namespace Worker.Models.Onnx;

/// <summary>An input or output as an ONNX graph declares it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="ElementType">Its element type; <see cref="ElementType.None"/> for a sequence or a map.</param>
/// <param name="Shape">Its dimensions; null for one that is open. Null if the graph does not say.</param>
internal sealed record TensorInfo(string Name, ElementType ElementType, IReadOnlyList<long?>? Shape)
{
    /// <summary>Reads a declaration.</summary>
    public static TensorInfo Of(ValueInfoProto value)
    {
        if (value.Type?.ValueCase is TypeProto.ValueOneofCase.SequenceType or TypeProto.ValueOneofCase.MapType)
        {
            return new(value.Name, ElementType.None, null);
        }

        var tensor = value.Type?.TensorType;
        return new(
            value.Name,
            (ElementType)(tensor?.ElemType ?? 0),
            tensor?.Shape is { } shape ? [.. shape.Dim.Select(Size)] : null);
    }

    /// <summary>Returns name, type and shape, such as <c>input: float32 [N,3,224,224]</c>.</summary>
    public override string ToString()
    {
        var shape = Shape is null ? "?" : string.Join(',', Shape.Select(size => size?.ToString() ?? "?"));
        return $"{Name}: {Text(ElementType)} [{shape}]";
    }

    /// <summary>Returns the type as a manifest writes it.</summary>
    public static string Text(ElementType type) => type switch
    {
        ElementType.Float => "float32",
        ElementType.None => "a sequence or a map",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static long? Size(TensorShapeProto.Types.Dimension dimension) =>
        dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dimension.DimValue > 0
            ? dimension.DimValue
            : null;
}

/// <summary>ONNX's element types, with the numbers of <c>TensorProto.DataType</c>.</summary>
internal enum ElementType
{
    /// <summary>Not a tensor.</summary>
    None = 0,

    /// <summary>32-bit float.</summary>
    Float = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,

    /// <summary>Text.</summary>
    String = 8,

    /// <summary>Boolean.</summary>
    Bool = 9,

    /// <summary>16-bit float of IEEE 754.</summary>
    Float16 = 10,

    /// <summary>64-bit float.</summary>
    Double = 11,

    /// <summary>16-bit float with eight bits of exponent.</summary>
    BFloat16 = 16,
}
