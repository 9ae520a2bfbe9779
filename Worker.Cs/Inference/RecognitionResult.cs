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
    /// <param name="Recognition">The most probable classes, most probable first, the times and the maps.</param>
    public sealed record Succeeded(Recognition Recognition) : RecognitionResult
    {
        /// <summary>The classes without their numbers; probabilities 0 … 1.</summary>
        public Prediction[] Predictions => RecognitionModule.predictions(Recognition);
    }

    /// <summary>It can't be decoded, or not within the limits.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(ImageRefusal Refusal) : RecognitionResult;
}

/// <summary>What is wanted of a picture beside its names.</summary>
/// <param name="Classes">How many, 1 … 1000; a network with fewer gives all of its own.</param>
/// <param name="Maps">The class activation maps of these classes, where the network has them.</param>
public readonly record struct RecognizeOptions(int Classes, bool Maps)
{
    /// <summary>What the plain exchange asks for.</summary>
    public static RecognizeOptions Plain { get; } = new(5, false);
}
