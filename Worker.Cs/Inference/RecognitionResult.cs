using Protocol.Core;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>What became of a picture.</summary>
public abstract record RecognitionResult
{
    private RecognitionResult()
    {
    }

    /// <summary>The network named it.</summary>
    /// <param name="Predictions">The five most probable classes, most probable first; probabilities 0 … 1.</param>
    public sealed record Named(Prediction[] Predictions) : RecognitionResult;

    /// <summary>It can't be decoded, or not within the limits.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(ImageRefusal Refusal) : RecognitionResult;
}
