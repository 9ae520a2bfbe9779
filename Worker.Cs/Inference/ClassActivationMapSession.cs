using Microsoft.ML.OnnxRuntime;

namespace Worker.Inference;

/// <summary>
/// A second session of the network, with its class activation maps as another output. It is separate so that requests
/// without maps cost no more. Any number of executors may use it at once.
/// </summary>
internal sealed class ClassActivationMapSession : IDisposable
{
    /// <summary>The longest side of a map that the exchange accepts.</summary>
    private const long LongestSide = 256;

    private ClassActivationMapSession(InferenceSession session, Network.TensorPort output)
    {
        Session = session;
        Output = output;
    }

    public InferenceSession Session { get; }

    /// <summary>The maps, <c>[1,classes,height,width]</c>; a map's mean is the logit of its class.</summary>
    public Network.TensorPort Output { get; }

    public int Height => (int)Output.Shape[2];

    public int Width => (int)Output.Shape[3];

    /// <summary>
    /// Loads the session; fails unless the network has a map for each of its <paramref name="classes"/>.
    /// </summary>
    public static Outcome<ClassActivationMapSession> Load(string file, int classes)
    {
        InferenceSession? session = null;
        try
        {
            var model = File.ReadAllBytes(file);
            if (OnnxFile.PoolInput(model) is not { } tensor)
            {
                return new Outcome<ClassActivationMapSession>.Failed($"{file} has no global average pool");
            }

            using var options = Network.Options();
            session = new InferenceSession(OnnxFile.WithOutput(model, tensor), options);
            var port = Network.Ports(session.OutputMetadata).Find(port => port.Name == tensor);
            if (port?.Shape is [1, var maps, <= LongestSide and var height, <= LongestSide and var width]
                && maps == classes
                && height * width > 1)
            {
                return new Outcome<ClassActivationMapSession>.Ok(new ClassActivationMapSession(session, port));
            }

            session.Dispose();
            return new Outcome<ClassActivationMapSession>.Failed($"{file} has no map for each of its {classes} classes at {tensor}");
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            return new Outcome<ClassActivationMapSession>.Failed($"{file} can't be loaded with its maps: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    public void Dispose() => Session.Dispose();
}
