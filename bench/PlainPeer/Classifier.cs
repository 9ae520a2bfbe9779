using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SkiaSharp;

namespace PlainPeer;

/// <summary>A class and its probability, 0 … 1.</summary>
public sealed record Prediction(string Label, float Probability);

/// <summary>
/// Runs SqueezeNet by the usual means: SkiaSharp decodes and resizes, ONNX Runtime runs with its defaults.
/// </summary>
public sealed class Classifier(string model, string labels) : IDisposable
{
    private const int ShortSide = 256;
    private const int Crop = 224;
    private const int MostShown = 5;

    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    private readonly InferenceSession session = new(model);
    private readonly string[] labels = File.ReadAllLines(labels);

    /// <summary>Returns the five most probable classes; null if the picture can't be decoded.</summary>
    public IReadOnlyList<Prediction>? Classify(byte[] picture)
    {
        using var decoded = SKBitmap.Decode(picture);
        if (decoded is null)
        {
            return null;
        }

        var input = ToTensor(decoded);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], input)]);
        var logits = results[0].AsEnumerable<float>().ToArray();
        var highest = logits.Max();
        var exponentials = logits.Select(logit => MathF.Exp(logit - highest)).ToArray();
        var sum = exponentials.Sum();
        return
        [
            .. exponentials
                .Select((value, index) => new Prediction(labels[index], value / sum))
                .OrderByDescending(prediction => prediction.Probability)
                .Take(MostShown),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private static DenseTensor<float> ToTensor(SKBitmap picture)
    {
        var scale = (double)ShortSide / Math.Min(picture.Width, picture.Height);
        var info = new SKImageInfo(
            (int)(picture.Width * scale), (int)(picture.Height * scale), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var resized = picture.Resize(info, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        var (left, top) = ((resized.Width - Crop) / 2, (resized.Height - Crop) / 2);
        var pixels = resized.GetPixelSpan();
        var tensor = new DenseTensor<float>([1, 3, Crop, Crop]);
        for (var y = 0; y < Crop; y++)
        {
            var row = pixels[((top + y) * resized.RowBytes)..];
            for (var x = 0; x < Crop; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var value = row[((left + x) * 4) + channel] / 255f;
                    tensor[0, channel, y, x] = (value - Mean[channel]) / Deviation[channel];
                }
            }
        }

        return tensor;
    }
}
