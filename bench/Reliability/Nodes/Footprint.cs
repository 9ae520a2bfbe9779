using System.Globalization;

namespace Reliability.Nodes;

/// <summary>What a process holds, as <c>/proc</c> says.</summary>
/// <param name="Resident">Bytes of memory.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Handles">Open file descriptors, sockets included.</param>
public readonly record struct Footprint(long Resident, int Threads, int Handles)
{
    /// <summary>Of the running process <paramref name="id"/>.</summary>
    /// <exception cref="IOException">It has ended, or this is no Linux.</exception>
    public static Footprint Of(int id)
    {
        var status = File.ReadLines($"/proc/{id}/status")
            .Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0], pair => pair[1].Trim());
        var kibibytes = status["VmRSS"].Split(' ')[0];
        return new Footprint(
            long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024,
            int.Parse(status["Threads"], CultureInfo.InvariantCulture),
            Directory.GetFileSystemEntries($"/proc/{id}/fd").Length);
    }
}
