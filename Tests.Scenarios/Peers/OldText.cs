using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Scenarios.Peers;

/// <summary>The text and socket functions of both old peers: blocking calls, and one read per message.</summary>
internal static class OldText
{
    /// <summary>The characters of a data message around its payload.</summary>
    public const int Around = 8;

    private const int OneRead = 1024;

    // As in Python, bytes that are not UTF-8 throw.
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Data(string payload) => $"D {payload} {Checksum(payload)}";

    /// <summary>Returns whether it is a data message with a matching checksum.</summary>
    public static bool Fits(string message) =>
        message.Length >= Around
            && message.StartsWith("D ", StringComparison.Ordinal)
            && message.EndsWith(Checksum(Payload(message)), StringComparison.Ordinal);

    public static string Payload(string message) => message[2..^6];

    /// <summary>Imitates Python's <c>int()</c>, as far as needed: anything but a number throws.</summary>
    public static int ToNumber(string payload) => int.Parse(payload, CultureInfo.InvariantCulture);

    /// <summary>Imitates one <c>recv(1024)</c>; empty at the connection's end.</summary>
    public static string Receive(Socket socket)
    {
        var buffer = new byte[OneRead];
        return Strict.GetString(buffer, 0, socket.Receive(buffer));
    }

    public static void Send(Socket socket, string text)
    {
        for (var rest = Encoding.UTF8.GetBytes(text).AsSpan(); !rest.IsEmpty;)
        {
            rest = rest[socket.Send(rest)..];
        }
    }

    private static string Checksum(string payload) =>
        $"-{(Encoding.UTF8.GetBytes(payload).Sum(one => one) & 0xFFF) + 1:0000}";
}
