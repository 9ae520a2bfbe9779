using Protocol.Core;
using Protocol.Core.Interop;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>The result for one image.</summary>
public abstract record RecognitionResult
{
    private RecognitionResult()
    {
    }

    /// <summary>The image was classified.</summary>
    /// <param name="Recognition">The most probable classes, most probable first, the times and the maps.</param>
    public sealed record Succeeded(Recognition Recognition) : RecognitionResult
    {
        /// <summary>The classes without their indices; probabilities 0 … 1.</summary>
        public Prediction[] Predictions => Recognition.Predictions();
    }

    /// <summary>The image can't be decoded, or not within the limits.</summary>
    /// <param name="Refusal">The reason.</param>
    public sealed record Refused(ImageRefusal Refusal) : RecognitionResult;
}

/// <summary>The options of a recognition.</summary>
/// <param name="Classes">The number of classes, 1 … 1000, at most as many as the network has.</param>
/// <param name="Maps">Whether to return these classes' activation maps, if the network has them.</param>
/// <param name="Model">The model that classifies the image; null for the worker's default.</param>
/// <param name="Tensor">Whether the image is the network's input tensor.</param>
/// <param name="Values">
/// Whether to return the values of all classes; for a tensor, the network's raw output.
/// </param>
/// <param name="Confidence">
/// The least probability of the answer in the model's class tree, 0 … 1; null for none. It has no effect on models
/// without a tree.
/// </param>
public readonly record struct RecognizeOptions(
    int Classes,
    bool Maps,
    ModelName? Model = null,
    bool Tensor = false,
    bool Values = false,
    double? Confidence = null)
{
    /// <summary>Five classes, without maps: the options of the plain exchange.</summary>
    public static RecognizeOptions Default { get; } = new(5, false);
}
