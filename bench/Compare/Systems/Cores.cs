using System.ComponentModel;
using System.Diagnostics;
using Bench.Nodes;

namespace Compare.Systems;

/// <summary>The cores that this process may use, and what runs on which; by the program taskset.</summary>
internal static class Cores
{
    /// <summary>Their numbers.</summary>
    /// <exception cref="InvalidOperationException">This is no Linux.</exception>
    public static IReadOnlyList<int> Mine()
    {
        const string Status = "/proc/self/status";
        if (!OperatingSystem.IsLinux())
        {
            throw new InvalidOperationException("What runs on which core can be said on Linux only.");
        }

        var list = File.ReadLines(Status).First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
        return
        [
            .. list.Split(':')[1].Split(',').Select(range => range.Split('-').Select(int.Parse).ToArray())
                .SelectMany(ends => Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)),
        ];
    }

    /// <summary>This machine, on loopback, and only these cores of it.</summary>
    public static Place Only(params IEnumerable<int> cores) => Place.Here with { Enter = ["taskset", "-c", string.Join(',', cores)] };

    /// <summary>Moves this process, all its threads, to these cores.</summary>
    public static async Task MoveToAsync(params IEnumerable<int> cores)
    {
        try
        {
            using var taskset = Process.Start(new ProcessStartInfo(
                "taskset", ["-a", "-c", "-p", string.Join(',', cores), $"{Environment.ProcessId}"])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            // A thread may end while it is moved, of which taskset complains.
            _ = taskset.StandardError.ReadToEndAsync();
            await taskset.StandardOutput.ReadToEndAsync();
            await taskset.WaitForExitAsync();
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("The program taskset is missing (Debian's package util-linux).");
        }
    }
}
