using System.ComponentModel;
using System.Diagnostics;
using Scenarios.Nodes;

namespace Compare.Systems;

/// <summary>The cores that this process may use, assigned with the program taskset.</summary>
internal static class Cores
{
    private const int MostTries = 100;

    /// <summary>The numbers of the cores.</summary>
    /// <exception cref="InvalidOperationException">The system is not Linux.</exception>
    public static IReadOnlyList<int> Mine()
    {
        const string Status = "/proc/self/status";
        if (!OperatingSystem.IsLinux())
        {
            throw new InvalidOperationException("Processes can be pinned to cores on Linux only.");
        }

        var list = File.ReadLines(Status).First(
            line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
        return
        [
            .. list.Split(':')[1].Split(',').Select(range => range.Split('-').Select(int.Parse).ToArray())
                .SelectMany(ends => Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)),
        ];
    }

    /// <summary>Returns this machine, on loopback, limited to these cores.</summary>
    public static Place Only(params IEnumerable<int> cores) =>
        Place.Here with { Enter = ["taskset", "-c", string.Join(',', cores)] };

    /// <summary>Moves this process with all its threads to these cores.</summary>
    /// <exception cref="InvalidOperationException">It can't be moved.</exception>
    public static async Task MoveToAsync(params IEnumerable<int> cores)
    {
        string[] move = ["-a", "-c", "-p", string.Join(',', cores), $"{Environment.ProcessId}"];
        var errors = "";
        // If a listed thread has ended, taskset stops there, and the threads after it are not moved.
        for (var tries = 0; tries < MostTries; tries++)
        {
            using var taskset = Start(move);
            var output = taskset.StandardError.ReadToEndAsync();
            await taskset.StandardOutput.ReadToEndAsync();
            errors = await output;
            await taskset.WaitForExitAsync();
            if (taskset.ExitCode == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException($"taskset {string.Join(' ', move)}: {errors.Trim()}");
    }

    private static Process Start(string[] move)
    {
        try
        {
            return Process.Start(
                new ProcessStartInfo("taskset", move) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("The program taskset is missing (Debian's package util-linux).");
        }
    }
}
