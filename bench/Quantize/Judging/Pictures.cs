using Micro.Fidelity;

namespace Quantize.Judging;

/// <summary>The pictures that calibrate and judge a network, as its input.</summary>
/// <param name="Given">The given pictures.</param>
/// <param name="Calibrating">The pictures for calibration: the given ones and variants of them.</param>
/// <param name="Judging">The pictures for judging: other random variants, not used for calibration.</param>
internal sealed record Pictures(IReadOnlyList<float[]> Given, IReadOnlyList<float[]> Calibrating, IReadOnlyList<float[]> Judging)
{
    private const int CalibrationLot = 1;
    private const int JudgementLot = 2;

    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>
    /// Returns the paths of the pictures in <paramref name="folders"/>; of the photographs and samples if there are no
    /// folders.
    /// </summary>
    /// <exception cref="InvalidDataException">A folder has no pictures.</exception>
    public static string[] Find(IReadOnlyList<DirectoryInfo> folders) =>
        folders.Count == 0 ? FidelityGate.Sources() : [.. folders.SelectMany(folder =>
        {
            var found = folder.GetFiles().Where(file => Endings.Contains(file.Extension.ToLowerInvariant())).Select(file => file.FullName).Order().ToList();
            return found.Count > 0 ? found : throw new InvalidDataException($"{folder} has no picture ({string.Join(", ", Endings)}).");
        })];

    /// <summary>
    /// Loads <paramref name="paths"/> and makes <paramref name="each"/> variants of every picture for calibration, and
    /// as many for judging.
    /// </summary>
    /// <exception cref="InvalidDataException">A picture can't be decoded.</exception>
    public static Pictures Make(Probe probe, string[] paths, int each)
    {
        float[][] given = [.. paths.Select(path => Tensor(probe, path, File.ReadAllBytes(path)))];
        return new Pictures(given, [.. given, .. Made(CalibrationLot)], [.. Made(JudgementLot)]);

        IEnumerable<float[]> Made(int lot) => FidelityGate.Variants(paths, each, lot).Select(variant => Tensor(probe, variant.Name, variant.File));
    }

    private static float[] Tensor(Probe probe, string name, byte[] file)
    {
        try
        {
            probe.Preprocess(file);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{name} can't be calibrated with: {e.Message}", e);
        }

        return [.. probe.Tensor];
    }
}
