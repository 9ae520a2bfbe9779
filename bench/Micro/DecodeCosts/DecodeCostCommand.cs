using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Scenarios.Nodes;
using Worker.Imaging;
using Worker.Imaging.Containers;
using Worker.Models;

namespace Micro.DecodeCosts;

/// <summary>Prints the estimated cost of decoding beside the measured one, for generated files.</summary>
internal static partial class DecodeCostCommand
{
    private const double Mebibyte = 1 << 20;

    public static Command Create()
    {
        var command = new Command(
            "decode-cost",
            "Estimated memory and processor time of decoding, beside the measured ones, over generated files");
        command.SetAction(_ => Run());
        return command;
    }

    private static void Run()
    {
        var model = Preprocessing.Square(256, 224, [0, 0, 0], [1, 1, 1]);
        var limits = new ImagingLimits(1L << 40, 65_535) { MaxHeld = long.MaxValue, MaxTime = TimeSpan.FromHours(1) };
        var preprocessor = new Preprocessor(model, limits);
        preprocessor.Run(Vips.BlankJpeg(), new float[3 * 224 * 224]);
        Console.WriteLine($"{Machine.Description}, load {Machine.Load}\n");
        Console.WriteLine("| file | KB | MiB estimated | MiB measured | s estimated | s measured | one at a time |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var sample in CostSample.All())
        {
            var file = sample.Encode();
            var cost = Estimate(file);
            var (bytes, seconds) = Measure(preprocessor, file);
            Console.WriteLine(
                $"| {sample.Name} | {file.Length / 1000.0:0.0} | {cost.Bytes / Mebibyte:0.0} | "
                    + $"{bytes / Mebibyte:0.0} | {cost.Time.TotalSeconds:0.000} | {seconds:0.000} | "
                    + $"{(cost.IsLarge ? "yes" : "no")} |");
        }
    }

    private static DecodeCost Estimate(byte[] file)
    {
        var output = new NativeBuffer(file.Length + ImageContainer.Growth);
        try
        {
            return FormatCheck.Check(file, out var format) is null
                && ImageContainer.Read(file, format, ref output, out var info) is null
                    ? DecodeCost.Estimate(info, ImageDecoder.ChooseShrink(info, DecodeScale.Faithful(256)))
                    : throw new InvalidOperationException("The file is refused.");
        }
        finally
        {
            output.Dispose();
        }
    }

    /// <summary>
    /// Returns the growth of peak resident memory, and the processor time of all threads, for the second of two runs.
    /// </summary>
    private static (long Bytes, double Seconds) Measure(Preprocessor preprocessor, byte[] file)
    {
        var tensor = new float[3 * 224 * 224];
        var (bytes, seconds) = (0L, 0.0);
        for (var run = 0; run < 2; run++)
        {
            GC.Collect();
            // Memory that the allocator kept from the last file would hide this file's needs.
            _ = TrimHeap(0);
            var before = Footprint.Of(Environment.ProcessId).Resident;
            Footprint.ForgetPeak(Environment.ProcessId);
            var begun = Process.GetCurrentProcess().TotalProcessorTime;
            if (preprocessor.Run(file, tensor) is { } refusal)
            {
                throw new InvalidOperationException(refusal.Detail);
            }

            seconds = (Process.GetCurrentProcess().TotalProcessorTime - begun).TotalSeconds;
            bytes = Footprint.Of(Environment.ProcessId).Peak - before;
        }

        return (bytes, seconds);
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint kept);
}
