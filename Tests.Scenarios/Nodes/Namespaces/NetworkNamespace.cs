using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Scenarios.Nodes;

/// <summary>
/// An existing network namespace and a thread in it. A socket belongs to the namespace of the thread that created it,
/// wherever it is used.
/// </summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int NewNet = 0x4000_0000;

    private readonly BlockingCollection<TaskCompletionSource<Socket>> wanted = [];

    /// <exception cref="IOException">The thread may not enter it.</exception>
    public NetworkNamespace(string name)
    {
        Name = name;
        var entered = new TaskCompletionSource();
        new Thread(() => Serve(entered)) { IsBackground = true, Name = name }.Start();
        entered.Task.GetAwaiter().GetResult();
    }

    public string Name { get; }

    /// <summary>Returns the place whose nodes listen on <paramref name="address"/> here.</summary>
    public Place At(IPAddress address) => new(address, ["ip", "netns", "exec", Name], NewSocket);

    public void Dispose() => wanted.CompleteAdding();

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int type);

    private Socket NewSocket()
    {
        var socket = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        wanted.Add(socket);
        return socket.Task.GetAwaiter().GetResult();
    }

    private void Serve(TaskCompletionSource entered)
    {
        try
        {
            using var file = File.OpenHandle($"/run/netns/{Name}");
            if (SetNamespace((int)file.DangerousGetHandle(), NewNet) != 0)
            {
                throw new IOException($"The namespace {Name} can't be entered: error {Marshal.GetLastPInvokeError()}.");
            }

            entered.SetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            entered.SetException(e);
            return;
        }

        foreach (var socket in wanted.GetConsumingEnumerable())
        {
            try
            {
                socket.SetResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            }
            catch (SocketException e)
            {
                socket.SetException(e);
            }
        }
    }
}
