using System.Numerics.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Scenarios.Nodes;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;

namespace Scenarios.Inference;

/// <summary>Runs the worker's preprocessing and network on the calling thread, without executors.</summary>
public sealed class Probe : IDisposable
{
    private readonly Network network;
    private readonly Preprocessor preprocessor;
    private readonly RunOptions run = new();

    /// <summary>Creates a probe over <paramref name="network"/> and owns it.</summary>
    public Probe(Network network)
    {
        this.network = network;
        preprocessor = new Preprocessor(network.Preprocessing, ImagingLimits.Standard);
        Vips.EnsureReady();
        Tensor = new float[network.Input.Length];
    }

    /// <summary>The network's input for the last picture.</summary>
    public float[] Tensor { get; }

    /// <summary>The class names, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Labels => network.Labels;

    /// <summary>Loads the model.</summary>
    /// <exception cref="InvalidOperationException">The model is missing.</exception>
    public static Network Load() => Network.Load(Files(), NullLogger.Instance).Try(out var network, out var reason)
        ? network
        : throw new InvalidOperationException(reason);

    /// <summary>Returns the model's files, from the place that the tree's own programs use.</summary>
    /// <exception cref="InvalidOperationException">The files are missing.</exception>
    public static ModelFiles Files()
    {
        var model = ModelCatalog.Find("squeezenet1_1", ModelCatalog.DefaultDirectory());
        if (!model.Try(out var manifest, out var reason))
        {
            throw new InvalidOperationException(reason);
        }

        using var http = new HttpClient();
        var places = new ModelPaths(ModelCatalog.DefaultDirectory(), Tree.ModelMirror.Split(Path.PathSeparator), false);
        var store = new ModelStore(
            places, http, DownloadPolicy.Standard, TimeProvider.System, new ConsoleProgress(), NullLogger.Instance);
        return store.GetAsync(manifest, default).GetAwaiter().GetResult().Try(out var files, out reason)
            ? files
            : throw new InvalidOperationException(reason);
    }

    /// <summary>Fills <see cref="Tensor"/>.</summary>
    /// <exception cref="InvalidDataException">The picture is refused.</exception>
    public void Preprocess(byte[] file)
    {
        if (preprocessor.Run(file, Tensor) is { } refusal)
        {
            throw new InvalidDataException(refusal.Detail);
        }
    }

    /// <summary>Returns the probability of every class for the current <see cref="Tensor"/>.</summary>
    public float[] Probabilities()
    {
        using var input = OrtValue.CreateTensorValueFromMemory(Tensor, network.Input.Shape);
        using var outputs = network.Session.Run(run, [network.Input.Name], [input], [network.Output.Name]);
        var probabilities = new float[Labels.Count];
        TensorPrimitives.SoftMax(outputs[0].GetTensorDataAsSpan<float>(), probabilities);
        return probabilities;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        run.Dispose();
        network.Dispose();
    }
}
