using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;
using Worker.Imaging;
using Worker.Models.Onnx;

namespace Worker.Inference;

/// <summary>
/// Loads the native libraries and compiles what the first model needs, while the caller still reads the model's
/// manifest.
/// </summary>
internal static class Preload
{
    /// <summary>Starts the work, in the order in which a model needs it, and does not wait for it.</summary>
    /// <returns>A task whose error the model's own load repeats, with a message.</returns>
    public static Task Start() => Task.Run(static () =>
    {
        SHA256.HashData([]);
        ModelProto.Parser.ParseFrom([]);
        OrtEnv.Instance();
        var preprocessing = Preprocessing.Square(8, 8, [0, 0, 0], [1, 1, 1]);
        new Preprocessor(preprocessing, ImagingLimits.Standard).Run(Vips.BlankJpeg(), new float[preprocessing.Length]);
    });
}
