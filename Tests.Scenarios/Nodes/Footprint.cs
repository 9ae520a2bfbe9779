using System.Globalization;

namespace Scenarios.Nodes;

/// <summary>The resources of a process, from <c>/proc</c>.</summary>
/// <param name="Resident">The resident memory in bytes.</param>
/// <param name="Peak">The peak resident memory in bytes since the start, or since <see cref="ForgetPeak"/>.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Handles">The number of open file descriptors, including sockets.</param>
public readonly record struct Footprint(long Resident, long Peak, int Threads, int Handles)
{
    /// <summary>Returns the footprint of the running process <paramref name="id"/>.</summary>
    /// <exception cref="IOException">The process has ended, or the system is not Linux.</exception>
    public static Footprint Of(int id)
    {
        var status = File.ReadLines($"/proc/{id}/status")
            .Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0], pair => pair[1].Trim());
        return new Footprint(
            Bytes(status["VmRSS"]),
            Bytes(status["VmHWM"]),
            int.Parse(status["Threads"], CultureInfo.InvariantCulture),
            Directory.GetFileSystemEntries($"/proc/{id}/fd").Length);
    }
    /// <summary>Resets <see cref="Peak"/>.</summary>
    public static void ForgetPeak(int id) => File.WriteAllText($"/proc/{id}/clear_refs", "5");

    private static long Bytes(string kibibytes) =>
        long.Parse(kibibytes.Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
}
