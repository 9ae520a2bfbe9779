namespace Worker.Models.Onnx;

/// <summary>
/// The end of a network that class activation maps need: global average pooling, then at most one linear layer. The map
/// of a class is its weights times the features that are pooled, so that the mean of its cells is the class's logit.
/// </summary>
/// <param name="Features">The tensor that is pooled.</param>
/// <param name="ChannelsLast">Whether it is NHWC, else NCHW.</param>
/// <param name="Weights"><c>[classes, features]</c>; null if the pooled features are the logits themselves.</param>
/// <param name="Bias">One value for each class; null without a bias.</param>
/// <param name="Kernel">Rows and columns of which the pooling is the mean; null if it covers all by definition.</param>
internal sealed record PooledClassifier(
    string Features, bool ChannelsLast, Constant? Weights, float[]? Bias, (long Rows, long Columns)? Kernel)
{
    /// <summary>Finds these layers before an output; null if the network ends differently.</summary>
    public static PooledClassifier? Find(OnnxGraph graph, string output)
    {
        Constant? weights = null;
        float[]? bias = null;
        for (var tensor = output; graph.Producer(tensor) is { } node;)
        {
            switch (node.OpType)
            {
                case "Softmax" or "LogSoftmax" or "Sigmoid" when weights is null && bias is null:
                case "Identity" or "Dropout" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze" or "Cast"
                    or "QuantizeLinear" or "DequantizeLinear":
                    tensor = node.Input[0];
                    break;
                case "Add" when weights is null && bias is null && Operands(graph, node) is var (before, added):
                    bias = added.Values;
                    tensor = before;
                    break;
                case "MatMul" when weights is null && Constant.Of(graph, node.Input[1])?.Transposed() is { } matrix:
                    weights = matrix;
                    tensor = node.Input[0];
                    break;
                case "Gemm" when weights is null && bias is null && Gemm(graph, node, out weights, out bias):
                case "Conv" when weights is null && bias is null && Pointwise(graph, node, out weights, out bias):
                    tensor = node.Input[0];
                    break;
                default:
                    return Pooled(graph, node, weights, bias);
            }
        }

        return null;
    }

    /// <summary>Returns whether the layer has as many classes as the network.</summary>
    public bool Fits(int classes) =>
        (Weights is null || Weights.Shape[0] == classes)
        && (Bias is null || Bias.Length == classes);

    private static PooledClassifier? Pooled(OnnxGraph graph, NodeProto node, Constant? weights, float[]? bias)
    {
        switch (node.OpType)
        {
            case "GlobalAveragePool":
                return new(node.Input[0], false, weights, bias, null);
            case "AveragePool" when Covered(node) is { } covered:
                return new(node.Input[0], false, weights, bias, covered);
            case "ReduceMean":
                var axes = node.Input.Count > 1
                    ? Constant.Of(graph, node.Input[1])?.Values.Select(axis => (long)axis).ToArray() ?? []
                    : [.. node.Ints("axes")];
                return Array.ConvertAll(axes, axis => axis < 0 ? axis + 4 : axis).Order().ToArray() switch
                {
                    [2, 3] => new(node.Input[0], false, weights, bias, null),
                    [1, 2] => new(node.Input[0], true, weights, bias, null),
                    _ => null,
                };
            default:
                return null;
        }
    }

    /// <summary>
    /// Returns the rows and columns of which one position of the kernel is the mean; null if the padding counts too.
    /// </summary>
    private static (long Rows, long Columns)? Covered(NodeProto node)
    {
        var isPaddingExcluded = node.Int("count_include_pad", 0) == 0;
        return (node.Ints("kernel_shape"), node.Ints("pads")) switch
        {
            ([var rows, var columns], []) => (rows, columns),
            ([var rows, var columns], [0, 0, 0, 0]) => (rows, columns),
            // Caffe's rounding upwards.
            ([var rows, var columns], [var top, var left, var bottom, var right]) when isPaddingExcluded =>
                (rows - top - bottom, columns - left - right),
            _ => null,
        };
    }

    private static (string Before, Constant Added)? Operands(OnnxGraph graph, NodeProto node) =>
        Constant.Of(graph, node.Input[1]) is { } second ? (node.Input[0], second)
        : Constant.Of(graph, node.Input[0]) is { } first ? (node.Input[1], first)
        : null;

    private static bool Gemm(OnnxGraph graph, NodeProto node, out Constant? weights, out float[]? bias)
    {
        bias = null;
        var matrix = Constant.Of(graph, node.Input[1]);
        weights = node.Int("transB", 0) == 0 ? matrix?.Transposed() : matrix;
        if (weights is not { Shape.Length: 2 } || node.Int("transA", 0) != 0)
        {
            return false;
        }

        var alpha = node.Float("alpha", 1);
        weights = alpha == 1
            ? weights
            : weights with { Values = Array.ConvertAll(weights.Values, value => value * alpha) };
        return TryBias(graph, node, node.Float("beta", 1), out bias);
    }

    private static bool Pointwise(OnnxGraph graph, NodeProto node, out Constant? weights, out float[]? bias)
    {
        bias = null;
        weights = Constant.Of(graph, node.Input[1]) is { Shape: [var classes, var features, 1, 1] } kernel
            ? kernel with { Shape = [classes, features] }
            : null;
        return weights is not null && node.Int("group", 1) == 1 && node.Ints("pads").All(pad => pad == 0)
            && TryBias(graph, node, 1, out bias);
    }

    /// <summary>Reads the third input; false if it is there and not constant.</summary>
    private static bool TryBias(OnnxGraph graph, NodeProto node, float factor, out float[]? bias)
    {
        bias = null;
        if (node.Input.Count < 3 || node.Input[2].Length == 0)
        {
            return true;
        }

        if (Constant.Of(graph, node.Input[2]) is not { } constant)
        {
            return false;
        }

        bias = Array.ConvertAll(constant.Values, value => value * factor);
        return true;
    }
}
