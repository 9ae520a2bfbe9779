using System.Globalization;
using Bench;
using Google.Protobuf;
using Micro.Fidelity;
using Micro.Goals;
using Onnx;
using Quantize.Calibration;
using Quantize.Judging;
using Quantize.Output;
using Quantize.Rewriting;

namespace Quantize;

/// <summary>Turns the catalog's network into an 8-bit one, which is written only if it is as good.</summary>
internal static class Making
{
    /// <summary>
    /// Writes the network into <paramref name="folder"/>, and the figures to the console and into
    /// <paramref name="page"/>. Returns 1 if the network is not as good.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The network or a picture is unsuitable; the message has the reason.
    /// </exception>
    /// <exception cref="InvalidOperationException">The model is missing.</exception>
    public static async Task<int> RunAsync(DirectoryInfo folder, string[] paths, int each, MeasurementPlan pace, FileInfo? page)
    {
        var (began, load) = (DateTime.UtcNow, Machine.Load);
        var files = Probe.Files();
        var model = ModelProto.Parser.ParseFrom(await File.ReadAllBytesAsync(files.Network));
        var turned = FirstPool.BeforeRelu(model);
        var plan = Plan.Of(turned);
        Pictures pictures;
        using (var probe = new Probe(Probe.Load()))
        {
            await Console.Error.WriteLineAsync($"Making pictures of {paths.Length} …");
            pictures = Pictures.Make(probe, paths, each);
        }

        await Console.Error.WriteLineAsync($"Calibrating with {pictures.Calibrating.Count} …");
        var made = Rewriter.Rewrite(turned, plan, Steps.Of(turned, plan, pictures.Calibrating));
        MeanCorrection.Apply(made, turned, plan, pictures.Calibrating);

        var (given, others) = (Change.Of(model, made, pictures.Given), Change.Of(model, made, pictures.Judging));
        if (Change.Refusal(given) is { } refusal)
        {
            await Console.Error.WriteLineAsync(refusal);
            return 1;
        }

        var count = plan.Convolutions.Count;
        var manifest = ModelFolder.Write(folder, files, made.ToByteArray(), $"{files.Manifest.Id}, {count} of its convolutions in 8 bits, calibrated with {pictures.Calibrating.Count} pictures");
        var path = Path.Combine(folder.FullName, manifest.Id, manifest.Files[0].Name);
        await Console.Error.WriteLineAsync("Measuring …");
        var conditions = string.Create(
            CultureInfo.InvariantCulture,
            $"`dotnet run -c Release --project bench/Quantize -- DIR`, {began:yyyy-MM-dd}, load before it {load}; {count} convolutions in 8 bits, {model.CalculateSize() / 1e6:F1} MB become {manifest.Files[0].Bytes / 1e6:F1}; calibrated with {pictures.Calibrating.Count} pictures, of which {paths.Length} were given and {each} were made of each; medians of {pace.Rounds} rounds{(pace == MeasurementPlan.Short ? " (a short run: the times mean nothing)" : "")}");
        var text = Report.Text(conditions, Speed.Of(files.Network, path, pace), given, others);
        Console.WriteLine(text);
        if (page is not null)
        {
            Page.Write(page, "eight-bit", text);
        }

        Console.WriteLine($"\nA worker uses it with --models {folder.FullName} --model {manifest.Id}");
        return 0;
    }
}
