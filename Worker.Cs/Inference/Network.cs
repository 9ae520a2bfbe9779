using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// A loaded network with its labels, for any number of executors at once. The file defines its names and shapes.
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

    /// <summary>The manifest of the model.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Class names in the order of the output.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The version of the model.</summary>
    public string Version => "1";

    /// <summary>The width of the input in pixels.</summary>
    public int InputWidth => (int)Input.Shape[3];

    /// <summary>The height of the input in pixels.</summary>
    public int InputHeight => (int)Input.Shape[2];

    /// <summary>The channels of the input: 1 or 3.</summary>
    public int InputChannels => 3;

    /// <summary>The kind of the output's values.</summary>
    public Protocol.Core.OutputKind OutputKind => Protocol.Core.OutputKind.Logits;

    /// <summary>Whether the network has class activation maps.</summary>
    public bool HasMaps => true;

    internal InferenceSession Session { get; }

    /// <summary>The input, of shape <c>[1,3,crop,crop]</c>.</summary>
    internal TensorPort Input { get; }

    /// <summary>The output, with one value for each label, of any rank.</summary>
    internal TensorPort Output { get; }

    /// <summary>The network with its class activation maps, loaded on first use; null if it has none.</summary>
    internal ClassActivationMapSession? Maps => maps.Value;

    /// <summary>
    /// Loads both files; fails if they don't match each other or the manifest. Missing class activation maps are
    /// detected and logged to <paramref name="logger"/> on first use.
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
    /// Returns the session options. Each executor runs on its own thread only, so that as many executors as cores share
    /// the machine without spinning. Other values are for measurements.
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

    /// <summary>Returns the float32 tensors; a dimension that the file leaves open is the batch, which is 1.</summary>
    internal static List<TensorPort> Ports(IReadOnlyDictionary<string, NodeMetadata> nodes) =>
    [
        .. nodes
            .Where(node => node.Value.ElementType == typeof(float))
            .Select(node => new TensorPort(node.Key, [.. node.Value.Dimensions.Select(size => Math.Max(1L, size))])),
    ];

    /// <summary>
    /// Sets the native environment variable: ONNX Runtime reads it once, at load, and .NET's environment is a copy.
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
        /// <summary>The number of elements.</summary>
        public long Length => Shape.Aggregate(1L, (product, size) => product * size);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
