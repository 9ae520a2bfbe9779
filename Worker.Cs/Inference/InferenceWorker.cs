using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Protocol.Core;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>
/// An inference executor for one core: its own buffers over the shared network. It classifies one image at a time on
/// the calling thread.
/// </summary>
public sealed class InferenceWorker : IDisposable
{
    private readonly Network network;
    private readonly Preprocessor preprocessor;
    private readonly float[] input;
    private readonly float[] output;
    private readonly OrtValue inputValue;
    private readonly OrtValue outputValue;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();
    private Maps? maps;

    /// <summary>
    /// Creates an executor over <paramref name="network"/>, which must outlive it, as must <paramref name="turn"/>. The
    /// default gate is the process's own.
    /// </summary>
    public InferenceWorker(Network network, ImagingLimits limits, LargeImageGate? turn = null)
    {
        this.network = network;
        preprocessor = new Preprocessor(network.Manifest.Preprocessing, limits, turn: turn);
        input = new float[network.Input.Length];
        output = new float[network.Labels.Count];
        inputValue = OrtValue.CreateTensorValueFromMemory(input, network.Input.Shape);
        outputValue = OrtValue.CreateTensorValueFromMemory(output, network.Output.Shape);
        binding = network.Session.CreateIoBinding();
        binding.BindInput(network.Input.Name, inputValue);
        binding.BindOutput(network.Output.Name, outputValue);
    }

    /// <summary>
    /// Classifies <paramref name="picture"/>, or returns why it can't be decoded. <paramref name="queued"/> is the time
    /// that it waited for this executor.
    /// </summary>
    public RecognitionResult Recognize(ReadOnlySpan<byte> picture, RecognizeOptions wishes, TimeSpan queued)
    {
        var begun = Stopwatch.GetTimestamp();
        if (preprocessor.Run(picture, input) is { } refusal)
        {
            return new RecognitionResult.Refused(refusal);
        }

        var decoded = Stopwatch.GetTimestamp();
        var explained = wishes.Maps ? MapsOrNone() : null;
        if (explained is null)
        {
            Infer();
        }
        else
        {
            explained.Infer(run);
        }

        var classes = TopClasses.Of(output, network.Labels, wishes.Classes);
        var found = explained?.Of(classes) ?? [];
        StageTime[] times =
        [
            Time("queue", queued),
            Time("decode", Stopwatch.GetElapsedTime(begun, decoded)),
            Time("inference", Stopwatch.GetElapsedTime(decoded)),
        ];
        return new RecognitionResult.Succeeded(new Recognition(network.Manifest.Id, network.Version, "", network.OutputKind.IsSigmoid, classes, times, found));
    }

    /// <summary>Runs the network once on arbitrary input to allocate its buffers before the first image.</summary>
    public void WarmUp() => Infer();

    /// <inheritdoc/>
    public void Dispose()
    {
        maps?.Dispose();
        binding.Dispose();
        inputValue.Dispose();
        outputValue.Dispose();
        run.Dispose();
    }

    private static StageTime Time(string stage, TimeSpan time) => new(stage, Math.Round(time.TotalMilliseconds, 3));

    private Maps? MapsOrNone() =>
        maps ??= network.Maps is { } session ? new Maps(session, network, inputValue, outputValue) : null;

    private void Infer() => network.Session.RunWithBinding(run, binding);
}
