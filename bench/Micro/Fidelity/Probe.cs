using System.Numerics.Tensors;
using Bench.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;

namespace Micro.Fidelity;

/// <summary>The worker's own preprocessing and network on the calling thread, without lanes.</summary>
public sealed class Probe : IDisposable
{
    private readonly Network network;
    private readonly Preprocessor fast;
    private readonly Preprocessor exact;
    private readonly RunOptions run = new();

    /// <summary>Over <paramref name="network"/>, which it owns.</summary>
    public Probe(Network network)
    {
        this.network = network;
        var limits = ImagingLimits.Standard with { MaxHeld = 1L << 30 };
        fast = new Preprocessor(network.Manifest.Preprocessing, limits);
        exact = new Preprocessor(network.Manifest.Preprocessing, limits, exactly: true);
        Vips.EnsureReady();
        Tensor = new float[network.Input.Length];
    }

    /// <summary>The network's input, as the last picture left it.</summary>
    public float[] Tensor { get; }

    /// <summary>Class names in the order of the probabilities.</summary>
    public IReadOnlyList<string> Labels => network.Labels;

    /// <summary>The model, from where the tree's own programs have it.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static Network Load()
    {
        var model = ModelCatalog.Find("squeezenet1_1", ModelCatalog.DefaultDirectory());
        if (!model.Try(out var manifest, out var reason))
        {
            throw new InvalidOperationException(reason);
        }

        using var http = new HttpClient();
        var places = new StorePlaces(ModelCatalog.DefaultDirectory(), Tree.ModelMirror.Split(Path.PathSeparator), false);
        var store = new ModelStore(
            places, http, DownloadPolicy.Standard, TimeProvider.System, new ConsoleProgress(), NullLogger.Instance);
        return store.GetAsync(manifest, default).GetAwaiter().GetResult().Try(out var files, out reason)
            && Network.Load(files, NullLogger.Instance).Try(out var network, out reason)
            ? network
            : throw new InvalidOperationException(reason);
    }

    /// <summary>Fills <see cref="Tensor"/>, as the worker does or exactly.</summary>
    /// <exception cref="InvalidDataException">The picture is refused.</exception>
    public void Preprocess(byte[] file, bool exactly = false)
    {
        if ((exactly ? exact : fast).Run(file, Tensor) is { } refusal)
        {
            throw new InvalidDataException(refusal.Detail);
        }
    }

    /// <summary>The probability of every class.</summary>
    public float[] Probabilities(byte[] file, bool exactly)
    {
        Preprocess(file, exactly);
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
