using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Imaging;
using Worker.Models;

namespace Worker.Inference;

/// <summary>
/// An inference executor for one core: its own buffers over the shared network. It classifies one image at a time on
/// the calling thread.
/// </summary>
public sealed class InferenceWorker : IDisposable
{
    private readonly Network network;
    private readonly Preprocessor preprocessor;
    private readonly InputTensor input;
    private readonly OutputTensor output;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();
    private readonly double[] sums;
    private ClassActivationMaps? maps;

    /// <summary>
    /// Creates an executor. Both <paramref name="network"/> and <paramref name="gate"/> must outlive it. The default gate is
    /// the process's own.
    /// </summary>
    public InferenceWorker(Network network, ImagingLimits limits, LargeImageGate? gate = null)
    {
        this.network = network;
        preprocessor = new Preprocessor(network.Preprocessing, limits, gate: gate);
        input = new InputTensor(network.Input);
        output = new OutputTensor(network.Output);
        sums = new double[network.Tree?.GroupCount ?? 0];
        binding = network.Session.CreateIoBinding();
        binding.BindInput(network.Input.Name, input.Value);
        binding.BindOutput(network.Output.Name, output.Value);
    }

    /// <summary>
    /// Classifies <paramref name="picture"/>, or returns why it can't be decoded. <paramref name="queued"/> is the time
    /// that it waited for this executor.
    /// </summary>
    public RecognitionResult Recognize(ReadOnlySpan<byte> picture, RecognizeOptions options, TimeSpan queued)
    {
        var begun = Stopwatch.GetTimestamp();
        if (Fill(picture, options.Tensor) is { } refusal)
        {
            return new RecognitionResult.Refused(refusal);
        }

        var decoded = Stopwatch.GetTimestamp();
        var mapSession = options.Maps ? MapsOrNone() : null;
        if (mapSession is null)
        {
            Infer();
        }
        else
        {
            mapSession.Infer(run);
        }

        var rawValues = options.Tensor ? output.Copy() : [];
        var probabilities = output.Probabilities()[^network.Labels.Count..];
        // False for an empty span, too.
        if (!TensorPrimitives.IsFiniteAll<float>(options.Tensor ? rawValues : probabilities)
            || !TensorPrimitives.IsFiniteAll<float>(probabilities))
        {
            return new RecognitionResult.Refused(new ImageRefusal(
                RefusalReason.Unsupported,
                $"The model {network.Manifest.Id} has no finite output for this input. Send values in the range that it expects."));
        }

        var classes = TopClasses.Of(probabilities, network.Labels, options.Classes);
        var classMaps = mapSession?.Of(classes) ?? [];
        float[] values = options.Tensor ? rawValues : options.Values ? [.. probabilities] : [];
        StageTime[] times =
        [
            Time("queue", queued),
            Time("decode", Stopwatch.GetElapsedTime(begun, decoded)),
            Time("inference", Stopwatch.GetElapsedTime(decoded)),
        ];
        var recognition = new Recognition(
            network.Manifest.Id,
            network.Version,
            "",
            network.OutputKind == OutputKind.Sigmoid,
            classes,
            default,
            times,
            classMaps,
            values);
        return new RecognitionResult.Succeeded(
            options.Confidence is { } confidence && network.Tree is { } tree
                ? recognition.WithAnswer(ConfidentAnswer.Choose(tree, probabilities, classes[0].Index, confidence, sums))
                : recognition);
    }

    /// <summary>Runs the network once on arbitrary input to allocate its buffers before the first image.</summary>
    public void WarmUp() => Infer();

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        input.Dispose();
        output.Dispose();
        run.Dispose();
    }

    /// <summary>Fills the input with a picture or with the bytes of a tensor, or returns why it can't.</summary>
    private ImageRefusal? Fill(ReadOnlySpan<byte> picture, bool isTensor)
    {
        if (!isTensor)
        {
            var refusal = preprocessor.Run(picture, input.Planes);
            if (refusal is null)
            {
                input.Commit();
            }

            return refusal;
        }

        var bytes = input.Bytes;
        if (picture.Length != bytes.Length)
        {
            return new ImageRefusal(
                RefusalReason.Unsupported,
                $"The tensor has {picture.Length} bytes; '{network.Input.Name}' of {network.Manifest.Id} takes "
                    + $"{bytes.Length}. Send one row of that size.");
        }

        picture.CopyTo(bytes);
        return null;
    }

    private static StageTime Time(string stage, TimeSpan time) => new(stage, Math.Round(time.TotalMilliseconds, 3));

    private ClassActivationMaps? MapsOrNone() =>
        maps ??= network.Maps is { } session ? new ClassActivationMaps(session, network, input, output) : null;

    private void Infer() => network.Session.RunWithBinding(run, binding);
}
