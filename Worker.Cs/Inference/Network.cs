using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// A loaded network with its labels, for any number of lanes at once. Names and shapes are the file's own.
/// </summary>
public sealed partial class Network : IDisposable
{
    private readonly Lazy<ClassActivationMapSession?> maps;

    private Network(
        InferenceSession session,
        TensorPort input,
        TensorPort output,
        ModelManifest manifest,
        string[] labels,
        Func<ClassActivationMapSession?> maps)
    {
        this.maps = new(maps);
        Session = session;
        Input = input;
        Output = output;
        Manifest = manifest;
        Labels = labels;
    }

    /// <summary>What it was loaded by.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Class names in the order of the output.</summary>
    public IReadOnlyList<string> Labels { get; }

    internal InferenceSession Session { get; }

    /// <summary>Of shape <c>[1,3,crop,crop]</c>.</summary>
    internal TensorPort Input { get; }

    /// <summary>With one value for each label, whatever its rank.</summary>
    internal TensorPort Output { get; }

    /// <summary>The network with its class activation maps, loaded by the first who asks; null where it has none.</summary>
    internal ClassActivationMapSession? Maps => maps.Value;

    /// <summary>
    /// Loads both files; fails where they don't fit each other or the manifest. That there are no maps is known, and
    /// told to <paramref name="logger"/>, when they are asked for.
    /// </summary>
    public static Outcome<Network> Load(ModelFiles files, ILogger logger)
    {
        SwitchOffTelemetry();
        InferenceSession? session = null;
        try
        {
            var labels = File.ReadAllLines(files.Labels);
            ClassActivationMapSession? LoadMaps()
            {
                if (ClassActivationMapSession.Load(files.Network, labels.Length).Try(out var loaded, out var reason))
                {
                    return loaded;
                }

                ModelLog.NoMaps(logger, reason);
                return null;
            }

            using var options = Options();
            session = new InferenceSession(files.Network, options);
            var crop = files.Manifest.Preprocessing.Crop;
            var input = Ports(session.InputMetadata).Find(port => port.Shape.SequenceEqual([1, 3, crop, crop]));
            var output = Ports(session.OutputMetadata).Find(port => port.Length == labels.Length);
            if (session.InputMetadata.Count == 1 && input is not null && output is not null)
            {
                return new Outcome<Network>.Ok(new Network(session, input, output, files.Manifest, labels, LoadMaps));
            }

            session.Dispose();
            return new Outcome<Network>.Failed(
                $"{files.Network} has no float32 input [1,3,{crop},{crop}] with an output of {labels.Length} values");
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            return new Outcome<Network>.Failed($"{files.Network} can't be loaded: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        if (maps.IsValueCreated)
        {
            maps.Value?.Dispose();
        }
    }

    /// <summary>
    /// A lane runs on its own thread alone; as many lanes as cores share the machine without spinning. Others are for
    /// measuring.
    /// </summary>
    internal static Microsoft.ML.OnnxRuntime.SessionOptions Options(int threads = 1, bool spins = false)
    {
        var options = new Microsoft.ML.OnnxRuntime.SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", spins ? "1" : "0");
        return options;
    }

    /// <summary>Those of float32; a dimension that the file leaves open is the batch, which is 1.</summary>
    internal static List<TensorPort> Ports(IReadOnlyDictionary<string, NodeMetadata> nodes) =>
    [
        .. nodes
            .Where(node => node.Value.ElementType == typeof(float))
            .Select(node => new TensorPort(node.Key, [.. node.Value.Dimensions.Select(size => Math.Max(1L, size))])),
    ];

    /// <summary>
    /// ONNX Runtime asks the process's own environment once, when it is loaded; .NET's is a copy of it.
    /// </summary>
    private static void SwitchOffTelemetry()
    {
        Environment.SetEnvironmentVariable("ORT_DISABLE_TELEMETRY", "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetEnvironment("ORT_DISABLE_TELEMETRY", "1", 1);
        }
    }

    /// <summary>An input or output of the network.</summary>
    internal sealed record TensorPort(string Name, long[] Shape)
    {
        /// <summary>Elements in all.</summary>
        public long Length => Shape.Aggregate(1L, (product, size) => product * size);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
