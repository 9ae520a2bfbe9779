using Microsoft.ML.OnnxRuntime;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>
/// One core's worth of recognition: its own buffers over the shared network. From a picture's bytes to its name on
/// the calling thread, one picture at a time.
/// </summary>
public sealed class Lane : IDisposable
{
    private readonly Network network;
    private readonly Preprocessor preprocessor;
    private readonly float[] input;
    private readonly float[] output;
    private readonly OrtValue inputValue;
    private readonly OrtValue outputValue;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();

    /// <summary>A lane over <paramref name="network"/>, which outlives it.</summary>
    public Lane(Network network, ImagingLimits limits)
    {
        this.network = network;
        preprocessor = new Preprocessor(network.Manifest.Preprocessing, limits);
        input = new float[network.Input.Length];
        output = new float[network.Labels.Count];
        inputValue = OrtValue.CreateTensorValueFromMemory(input, network.Input.Shape);
        outputValue = OrtValue.CreateTensorValueFromMemory(output, network.Output.Shape);
        binding = network.Session.CreateIoBinding();
        binding.BindInput(network.Input.Name, inputValue);
        binding.BindOutput(network.Output.Name, outputValue);
    }

    /// <summary>Names what is in <paramref name="picture"/>, or says why it can't be decoded.</summary>
    public RecognitionResult Recognize(ReadOnlySpan<byte> picture)
    {
        if (preprocessor.Run(picture, input) is { } refusal)
        {
            return new RecognitionResult.Refused(refusal);
        }

        Infer();
        return new RecognitionResult.Named(TopClasses.Of(output, network.Labels));
    }

    /// <summary>
    /// Runs the network on whatever its input holds, so that its own buffers are there when a picture comes.
    /// </summary>
    public void WarmUp() => Infer();

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        inputValue.Dispose();
        outputValue.Dispose();
        run.Dispose();
    }

    private void Infer() => network.Session.RunWithBinding(run, binding);
}
