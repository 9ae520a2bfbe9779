using Micro.Fidelity;

namespace Quantize.Judging;

/// <summary>The pictures that a network is calibrated with, and judged by, as its input.</summary>
/// <param name="Given">Themselves.</param>
/// <param name="Calibrating">What it is calibrated with: these, and pictures made of them.</param>
/// <param name="Judging">Others made of them, by another lot; not calibrated with.</param>
internal sealed record Pictures(IReadOnlyList<float[]> Given, IReadOnlyList<float[]> Calibrating, IReadOnlyList<float[]> Judging)
{
    private const int CalibrationLot = 1;
    private const int JudgementLot = 2;

    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>The paths of those in <paramref name="folders"/>; the photographs and samples where none is named.</summary>
    /// <exception cref="InvalidDataException">A folder has none.</exception>
    public static string[] Find(IReadOnlyList<DirectoryInfo> folders) =>
        folders.Count == 0 ? FidelityGate.Sources() : [.. folders.SelectMany(folder =>
        {
            var found = folder.GetFiles().Where(file => Endings.Contains(file.Extension.ToLowerInvariant())).Select(file => file.FullName).Order().ToList();
            return found.Count > 0 ? found : throw new InvalidDataException($"{folder} has no picture ({string.Join(", ", Endings)}).");
        })];

    /// <summary>Those of <paramref name="paths"/>, <paramref name="each"/> made of every one to calibrate with, and as many to judge by.</summary>
    /// <exception cref="InvalidDataException">One can't be decoded.</exception>
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
