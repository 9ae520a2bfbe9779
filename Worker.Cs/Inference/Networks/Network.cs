using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Worker.Imaging;
using Worker.Models;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>
/// A loaded network with its labels, for any number of executors at once. Graph and manifest agree on its input and
/// output.
/// </summary>
public sealed partial class Network : IDisposable
{
    private readonly Lazy<ClassActivationMapSession?> maps;

    private Network(
        InferenceSession session,
        NetworkInput input,
        NetworkOutput output,
        ModelManifest manifest,
        string[] labels,
        ClassTree? tree,
        bool hasMaps,
        Func<Network, ClassActivationMapSession?> maps)
    {
        this.maps = new(() => maps(this));
        Session = session;
        Input = input;
        Output = output;
        Manifest = manifest;
        Labels = labels;
        Tree = tree;
        HasMaps = hasMaps;
    }

    /// <summary>The manifest of the model.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The model's version.</summary>
    public string Version => Manifest.Version;

    /// <summary>Class names in the order of the output.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The tree of the classes; null if the manifest names none.</summary>
    internal ClassTree? Tree { get; }

    /// <summary>Columns of the input.</summary>
    public int InputWidth => Preprocessing.Width;

    /// <summary>Rows of the input.</summary>
    public int InputHeight => Preprocessing.Height;

    /// <summary>Channels of the input: 1 or 3.</summary>
    public int InputChannels => Input.ChannelCount;

    /// <summary>The kind of the output's values.</summary>
    public OutputKind OutputKind => Output.Kind;

    /// <summary>Whether the graph ends in the layers that class activation maps require.</summary>
    public bool HasMaps { get; }

    /// <summary>The steps from an image to the input.</summary>
    public Preprocessing Preprocessing => Input.Preprocessing;

    internal InferenceSession Session { get; }

    internal NetworkInput Input { get; }

    internal NetworkOutput Output { get; }

    /// <summary>The network with its class activation maps, loaded on first use; null if it has none.</summary>
    internal ClassActivationMapSession? Maps => maps.Value;

    /// <summary>
    /// Loads the files; fails if they don't match each other or the manifest. Class activation maps that can't be
    /// loaded are logged to <paramref name="logger"/> on first use.
    /// </summary>
    public static Outcome<Network> Load(ModelFiles files, ILogger logger, ExecutionDevice device = ExecutionDevice.Cpu)
    {
        SwitchOffTelemetry();
        var manifest = files.Manifest;
        InferenceSession? session = null;
        try
        {
            if (!OnnxGraph.Read(files.Network).Try(out var graph, out var reason)
                || !CheckData(manifest, graph, out reason)
                || !NetworkLabels.Of(files, graph).Try(out var labels, out reason)
                || !NetworkLabels.TreeOf(files, labels).Try(out var tree, out reason)
                || !NetworkInput.Of(manifest, graph).Try(out var input, out reason)
                || !NetworkOutput
                    .Choose(manifest.Output, graph, labels.Length + Math.Max(0, manifest.Output.LabelOffset))
                    .Try(out var tensor, out reason))
            {
                return Fail(reason);
            }

            using var options = Options(manifest.Threads);
            if (!device.TryUse(options).Try(out _, out reason))
            {
                return Fail(reason);
            }

            var isOutput = graph.Outputs.Any(output => output.Name == tensor);
            session = isOutput
                ? new InferenceSession(files.Network, options)
                : OpenWith(graph, files.Network, options, tensor);
            var activation = GraphEnd.Activation(graph, tensor);
            if (!TrialRun.Run(session, input, tensor, activation, manifest.Output, labels.Length)
                .Try(out var values, out reason))
            {
                session.Dispose();
                return Fail(reason);
            }

            var hasMaps = PooledClassifier.Find(graph, tensor)?.Fits(values.Length) == true;
            return new Outcome<Network>.Ok(
                new Network(session, input, values, manifest, tree.Labels, tree.Tree, hasMaps, LoadMaps));
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            return Fail(e.Message.ReplaceLineEndings(" "));
        }

        Outcome<Network>.Failed Fail(string reason) => new($"model {manifest.Id}, {files.Network}: {reason}");

        ClassActivationMapSession? LoadMaps(Network network)
        {
            if (ClassActivationMapSession.Load(files.Network, network).Try(out var loaded, out var reason))
            {
                return loaded;
            }

            ModelLog.NoMaps(logger, reason);
            return null;
        }
    }

    /// <summary>
    /// Checks that the files with the graph's weights are those of the manifest, whose sums are checked.
    /// </summary>
    private static bool CheckData(ModelManifest manifest, OnnxGraph graph, [NotNullWhen(false)] out string? reason)
    {
        var listed = manifest.Variants(FileRole.Data).Select(file => file.Name).ToHashSet();
        var missing = graph.ExternalFiles.FirstOrDefault(file => !listed.Contains(file));
        reason = missing is null
            ? null
            : $"the graph keeps weights in '{missing}': list that file beside it, with the role data";
        return reason is null;
    }

    /// <summary>Opens a graph with these outputs and no others; its weights may be in files beside it.</summary>
    internal static InferenceSession OpenWith(
        OnnxGraph graph,
        string path,
        Microsoft.ML.OnnxRuntime.SessionOptions options,
        params IEnumerable<string> outputs)
    {
        options.AddSessionConfigEntry(
            "session.model_external_initializers_file_folder_path",
            Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/");
        return new InferenceSession(graph.WithOutputs(outputs), options);
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

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
