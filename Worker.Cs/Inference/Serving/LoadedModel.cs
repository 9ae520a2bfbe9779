using System.Collections.Concurrent;
using System.Diagnostics;
using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Imaging;
using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// A loaded version of a model. Every request leases it; once retired, it is disposed when its last request ends.
/// Thread-safe.
/// </summary>
internal sealed class LoadedModel
{
    // The maximum length of a title that a web node reads.
    private const int MaxTitle = 256;

    private readonly Network network;
    private readonly ImagingLimits limits;
    private readonly LargeImageGate gate;
    private readonly ConcurrentStack<InferenceWorker> idle = new();

    // The first lease is the registry's.
    private int leases = 1;

    /// <summary>
    /// Takes over <paramref name="network"/>. <paramref name="digest"/> identifies its files and manifest.
    /// </summary>
    public LoadedModel(Network network, string digest, ImagingLimits limits, LargeImageGate gate)
    {
        this.network = network;
        this.limits = limits;
        this.gate = gate;
        Digest = digest;
    }

    public string Id => network.Manifest.Id;

    public string Version => network.Version;

    public string Digest { get; }

    /// <summary>
    /// Runs a generated image through the first executor, which compiles the whole path; further ones need only their
    /// buffers.
    /// </summary>
    public void WarmUp(int executors)
    {
        List<InferenceWorker> workers = [.. Enumerable.Range(0, executors).Select(_ => Rent())];
        _ = workers[0].Recognize(Vips.BlankJpeg(), RecognizeOptions.Default, TimeSpan.Zero);
        foreach (var worker in workers.Skip(1))
        {
            worker.WarmUp();
        }

        idle.PushRange([.. workers]);
    }

    /// <summary>Returns false if the version has been disposed.</summary>
    public bool TryLease()
    {
        for (var seen = Volatile.Read(ref leases); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref leases, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Ends a lease, or the registry's own: then the version is retired.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref leases) > 0)
        {
            return;
        }

        while (idle.TryPop(out var worker))
        {
            worker.Dispose();
        }

        network.Dispose();
    }

    /// <summary>Returns buffers for one image; the caller holds a lease and gives them back.</summary>
    public InferenceWorker Rent() => idle.TryPop(out var worker) ? worker : new InferenceWorker(network, limits, gate);

    public void Return(InferenceWorker worker) => idle.Push(worker);

    public ModelDescription Describe(string error, bool withLabels) => new ModelDescription(
        Id,
        Version,
        Digest,
        network.Manifest.Title is { Length: > MaxTitle } title ? title[..MaxTitle] : network.Manifest.Title,
        ModelState.Ready,
        error,
        network.Labels.Count,
        network.InputWidth,
        network.InputHeight,
        network.InputChannels,
        Resize(network.Preprocessing),
        Values(network.OutputKind),
        network.HasMaps,
        default,
        network.Tree is not null,
        network.Manifest.Covers ?? "",
        withLabels ? [.. network.Labels] : [],
        withLabels && network.Tree is { } tree ? [.. tree.Synonyms] : []).WithTensors(Tensors);

    private static InputResize Resize(Preprocessing preprocessing) => preprocessing.Method switch
    {
        ResizeMethod.ShorterSide => InputResize.NewShorterSide(preprocessing.Size),
        ResizeMethod.Stretch => InputResize.Stretch,
        ResizeMethod.Fit => InputResize.Fit,
        _ => throw new UnreachableException(),
    };

    private NetworkTensors Tensors => new(
        new(network.Input.Name, TypeOf(network.Input.Type), [.. network.Input.Shape.Skip(1).Select(size => (int)size)]),
        new(network.Output.Name, "FP32", [.. network.Output.Shape.Skip(1).Select(size => (int)size)]));

    private static string TypeOf(InputType type) => type switch
    {
        InputType.HalfPrecision => "FP16",
        InputType.Bytes => "UINT8",
        _ => "FP32",
    };

    private static OutputValues Values(OutputKind kind) => kind switch
    {
        OutputKind.Logits => OutputValues.Logits,
        OutputKind.Probabilities => OutputValues.Probabilities,
        OutputKind.Sigmoid => OutputValues.Sigmoid,
        _ => throw new UnreachableException(),
    };
}
