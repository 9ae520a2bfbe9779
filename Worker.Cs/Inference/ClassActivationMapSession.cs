using Microsoft.ML.OnnxRuntime;

namespace Worker.Inference;

/// <summary>
/// The network once more, with its class activation maps as a second output: a session of its own, so that pictures
/// nobody wants explained pay nothing for it. For any number of lanes at once.
/// </summary>
internal sealed class ClassActivationMapSession : IDisposable
{
    /// <summary>A map is small; the exchange takes none with a longer side.</summary>
    private const long LongestSide = 256;

    private ClassActivationMapSession(InferenceSession session, Network.TensorPort output)
    {
        Session = session;
        Output = output;
    }

    public InferenceSession Session { get; }

    /// <summary>The maps, <c>[1,classes,height,width]</c>; the mean of a map is its class's logit.</summary>
    public Network.TensorPort Output { get; }

    public int Height => (int)Output.Shape[2];

    public int Width => (int)Output.Shape[3];

    /// <summary>Fails where the network has no map for each of its <paramref name="classes"/>.</summary>
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
