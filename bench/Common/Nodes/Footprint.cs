using System.Globalization;

namespace Bench.Nodes;

/// <summary>What a process holds, as <c>/proc</c> says.</summary>
/// <param name="Resident">Bytes of memory.</param>
/// <param name="Peak">The most bytes of memory at one time since the start, or since <see cref="ForgetPeak"/>.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Handles">Open file descriptors, sockets included.</param>
public readonly record struct Footprint(long Resident, long Peak, int Threads, int Handles)
{
    /// <summary>Of the running process <paramref name="id"/>.</summary>
    /// <exception cref="IOException">It has ended, or this is no Linux.</exception>
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
    /// <summary>Begins the measure of <see cref="Peak"/> anew.</summary>
    public static void ForgetPeak(int id) => File.WriteAllText($"/proc/{id}/clear_refs", "5");

    private static long Bytes(string kibibytes) => long.Parse(kibibytes.Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
}
