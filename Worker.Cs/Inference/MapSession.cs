using Microsoft.ML.OnnxRuntime;

namespace Worker.Inference;

/// <summary>
/// The network once more, with its class activation maps as a second output: a session of its own, so that pictures
/// nobody wants explained pay nothing for it. For any number of lanes at once.
/// </summary>
internal sealed class MapSession : IDisposable
{
    /// <summary>A map is small; the exchange takes none with a longer side.</summary>
    private const long LongestSide = 256;

    private MapSession(InferenceSession session, string output, long[] shape)
    {
        Session = session;
        Output = output;
        Shape = shape;
    }

    public InferenceSession Session { get; }

    /// <summary>The maps' tensor.</summary>
    public string Output { get; }

    /// <summary><c>[1,classes,height,width]</c>; the mean of a map is its class's logit.</summary>
    public long[] Shape { get; }

    public int Height => (int)Shape[2];

    public int Width => (int)Shape[3];

    /// <summary>Fails where the network has no map for each of its <paramref name="classes"/>.</summary>
    public static Outcome<MapSession> Load(string file, int classes)
    {
        InferenceSession? session = null;
        try
        {
            var model = File.ReadAllBytes(file);
            if (OnnxFile.PoolInput(model) is not { } tensor)
            {
                return new Outcome<MapSession>.Failed($"{file} has no global average pool");
            }

            using var options = Network.Options();
            session = new InferenceSession(OnnxFile.WithOutput(model, tensor), options);
            var (_, shape) = session.OutputMetadata.Where(node => node.Key == tensor).Select(Network.Fixed).FirstOrDefault();
            if (shape is [1, var maps, <= LongestSide and var height, <= LongestSide and var width] && maps == classes && height * width > 1)
            {
                return new Outcome<MapSession>.Ok(new MapSession(session, tensor, shape));
            }

            session.Dispose();
            return new Outcome<MapSession>.Failed($"{file} has no map for each of its {classes} classes at {tensor}");
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            return new Outcome<MapSession>.Failed($"{file} can't be loaded with its maps: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    public void Dispose() => Session.Dispose();
}
