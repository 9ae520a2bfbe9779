using System.Net;

namespace Scenarios.Nodes;

/// <summary>
/// An isolated network: a namespace for the web node and one for each worker, and a cable (a veth pair) from the web
/// node to each. Does not affect the machine's own network. Needs root.
/// </summary>
public sealed class IsolatedNetwork : IDisposable
{
    private const string Prefix = "recognition";

    private readonly List<NetworkNamespace> namespaces = [];

    private IsolatedNetwork(int workers)
    {
        RemoveLeft();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        try
        {
            Web = Make("web").At(IPAddress.Loopback);
            Workers = [.. Enumerable.Range(0, workers).Select(number => Connect(Make($"worker{number}"), number))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The reason why this machine can't create one; null if it can.</summary>
    public static string? Missing => Ip.Missing();

    /// <summary>The web node's namespace, with loopback.</summary>
    public Place Web { get; } = Place.Here;

    /// <summary>The workers' places; each is reached from the web node by its own cable.</summary>
    public IReadOnlyList<Place> Workers { get; } = [];

    /// <exception cref="InvalidOperationException">The network can't be created on this machine.</exception>
    public static IsolatedNetwork Create(int workers) => new(workers);

    /// <summary>Unplugs a worker's cable at the worker's end, or plugs it in again.</summary>
    public void SetLink(int worker, bool isIn) =>
        Ip.Run("-n", namespaces[1 + worker].Name, "link", "set", "web", isIn ? "up" : "down");

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        foreach (var one in namespaces)
        {
            one.Dispose();
            Ip.Run("netns", "delete", one.Name);
        }

        namespaces.Clear();
    }

    private static string Address(int worker, int end) => $"10.213.{worker}.{end}";

    /// <summary>Removes the remains of a killed process of this program.</summary>
    private static void RemoveLeft()
    {
        foreach (var line in Ip.Run("netns", "list").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = line.Split(' ')[0];
            if (name.Split('-') is [Prefix, var process, _] && !Directory.Exists($"/proc/{process}"))
            {
                Ip.Run("netns", "delete", name);
            }
        }
    }

    private NetworkNamespace Make(string role)
    {
        var name = $"{Prefix}-{Environment.ProcessId}-{role}";
        Ip.Run("netns", "add", name);
        try
        {
            Ip.Run("-n", name, "link", "set", "lo", "up");
            namespaces.Add(new NetworkNamespace(name));
            return namespaces[^1];
        }
        catch
        {
            Ip.Run("netns", "delete", name);
            throw;
        }
    }

    private Place Connect(NetworkNamespace worker, int number)
    {
        var (web, cable) = (namespaces[0].Name, $"worker{number}");
        Ip.Run("link", "add", cable, "netns", web, "type", "veth", "peer", "name", "web", "netns", worker.Name);
        Ip.Run("-n", web, "address", "add", $"{Address(number, 1)}/30", "dev", cable);
        Ip.Run("-n", worker.Name, "address", "add", $"{Address(number, 2)}/30", "dev", "web");
        Ip.Run("-n", web, "link", "set", cable, "up");
        Ip.Run("-n", worker.Name, "link", "set", "web", "up");
        return worker.At(IPAddress.Parse(Address(number, 2)));
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();
}
