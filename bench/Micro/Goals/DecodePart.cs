using System.Diagnostics;
using Bench.Nodes;
using Bench.Output;
using Micro.Fidelity;
using Worker.Imaging;

namespace Micro.Goals;

/// <summary>
/// Measures the step from a file's bytes to the network's input, relative to libjpeg-turbo's own program at half size.
/// </summary>
internal static class DecodePart
{
    private const double Most = 1.3;

    /// <summary>The files beside the repository: 20, 84 and 661 kB.</summary>
    public static IReadOnlyList<string> Photographs { get; } =
        [.. new[] { "cheetah1.jpg", "basketball.jpg", "dog.jpg" }.Select(name => Path.Combine(Tree.Photographs, name))];

    public static Part Run(MeasurementPlan pace)
    {
        using var probe = new Probe(Probe.Load());
        using var folder = new Scratch();
        var tiny = folder.Write(Vips.BlankJpeg());
        var (goals, rows) = (new List<Goal>(), new List<string[]>());
        foreach (var path in Photographs)
        {
            var name = Path.GetFileName(path);
            var file = File.Exists(path)
                ? File.ReadAllBytes(path)
                : throw new InvalidOperationException($"The goals need the photographs that lie beside the repository: there is no {path}.");
            var (ours, half, whole) = (new double[pace.Rounds], new double[pace.Rounds], new double[pace.Rounds]);
            for (var round = 0; round < pace.Rounds; round++)
            {
                ours[round] = Interleaved.Measure(pace with { Rounds = 1 }, () => probe.Preprocess(file))[0][0];
                var programs = Djpegs(pace.Processes, (tiny, "4/8"), (path, "4/8"), (path, "8/8"));
                half[round] = programs[1] - programs[0];
                whole[round] = programs[2] - programs[0];
            }

            rows.Add([name, .. new[] { ours, half, whole }.Select(seconds => Part.Text(Goal.Median(seconds) * 1000))]);
            if (name == "dog.jpg")
            {
                goals.Add(Goal.Of($"preprocessing of {name} over `djpeg -scale 4/8` of it", ours.Zip(half, (one, other) => one / other), Most, atLeast: false));
            }
        }

        return new Part(goals, new Section(
            "Preprocessing",
            $"Milliseconds on one core, from the file's bytes to the network's input; djpeg writes to /dev/null, and what it takes for a picture of 64 x 64 (its start) is subtracted: medians of {pace.Processes} in each round.",
            ["picture", "worker", "djpeg -scale 4/8", "djpeg -scale 8/8"],
            rows));
    }

    /// <summary>Returns the median seconds of each, measured in turn.</summary>
    private static double[] Djpegs(int times, params (string File, string Scale)[] jobs)
    {
        var seconds = jobs.Select(_ => new List<double>()).ToArray();
        for (var time = 0; time < times; time++)
        {
            for (var job = 0; job < jobs.Length; job++)
            {
                seconds[job].Add(Djpeg(jobs[job].File, jobs[job].Scale));
            }
        }

        return [.. seconds.Select(Goal.Median)];
    }

    private static double Djpeg(string file, string scale)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            using var process = Process.Start("djpeg", ["-scale", scale, "-outfile", "/dev/null", file]);
            process.WaitForExit();
            return process.ExitCode == 0
                ? Stopwatch.GetElapsedTime(begun).TotalSeconds
                : throw new InvalidOperationException($"djpeg can't decode {file}.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("The program djpeg is missing (Debian's package libjpeg-turbo-progs).");
        }
    }

    /// <summary>A temporary folder for one file.</summary>
    private sealed class Scratch : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("micro");

        public string Write(byte[] bytes)
        {
            var path = Path.Combine(folder.FullName, "tiny.jpg");
            File.WriteAllBytes(path, bytes);
            return path;
        }

        public void Dispose() => folder.Delete(recursive: true);
    }
}
