using Microsoft.ML.OnnxRuntime;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>
/// A second session of the network, with the features for its class activation maps as an additional output. It is
/// separate so that requests without maps don't cost more. Any number of executors may use it at once.
/// </summary>
internal sealed class ClassActivationMapSession : IDisposable
{
    /// <summary>The longest side of a map that the exchange accepts.</summary>
    private const long LongestSide = 256;

    private ClassActivationMapSession(InferenceSession session, PooledClassifier classifier, long[] shape)
    {
        Session = session;
        Classifier = classifier;
        (Count, Height, Width) = classifier.ChannelsLast
            ? ((int)shape[3], (int)shape[1], (int)shape[2])
            : ((int)shape[1], (int)shape[2], (int)shape[3]);
    }

    public InferenceSession Session { get; }

    /// <summary>The linear layer that follows the features.</summary>
    public PooledClassifier Classifier { get; }

    /// <summary>The number of features per cell.</summary>
    public int Count { get; }

    /// <summary>Rows of a map.</summary>
    public int Height { get; }

    /// <summary>Columns of a map.</summary>
    public int Width { get; }

    /// <summary>Loads the session; fails unless the network has a map for each of its values.</summary>
    public static Outcome<ClassActivationMapSession> Load(string file, Network network)
    {
        InferenceSession? session = null;
        try
        {
            if (!OnnxGraph.Read(file).Try(out var graph, out var reason))
            {
                return new Outcome<ClassActivationMapSession>.Failed(reason);
            }

            if (PooledClassifier.Find(graph, network.Output.Name) is not { } classifier
                || !classifier.Fits(network.Output.Length))
            {
                return Fail(
                    "does not end in global average pooling and a linear layer "
                    + $"for its {network.Output.Length} classes");
            }

            using var options = Network.Options();
            session = Network.OpenWith(graph, file, options, network.Output.Name, classifier.Features);
            using var input = new InputTensor(network.Input);
            using var run = new RunOptions();
            using var results = session.Run(run, [network.Input.Name], [input.Value], [classifier.Features]);
            var shape = results[0].GetTensorTypeAndShape().Shape;
            if (shape.Length == 4)
            {
                var loaded = new ClassActivationMapSession(session, classifier, shape);
                if (loaded.IsWhole(network.Output.Length))
                {
                    return new Outcome<ClassActivationMapSession>.Ok(loaded);
                }
            }

            session.Dispose();
            return Fail($"has no map for each of its classes at {classifier.Features} [{string.Join(',', shape)}]");
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            return Fail($"can't be loaded with its maps: {e.Message.ReplaceLineEndings(" ")}");
        }

        Outcome<ClassActivationMapSession>.Failed Fail(string reason) => new($"{file} {reason}");
    }

    public void Dispose() => Session.Dispose();

    /// <summary>Returns whether the pooling covers all cells, and each class has a weight for each feature.</summary>
    private bool IsWhole(int classes) =>
        Height * Width > 1 && Height <= LongestSide && Width <= LongestSide
        && Count == (Classifier.Weights?.Shape[1] ?? classes)
        && (Classifier.Kernel is not var (rows, columns) || (rows == Height && columns == Width));
}
