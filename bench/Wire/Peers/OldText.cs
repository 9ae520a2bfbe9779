using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Wire.Peers;

/// <summary>What both old peers do with text and sockets.</summary>
internal static class OldText
{
    private const int OneRead = 1024;
    private const int Around = 8;

    public static string Data(string payload) => $"D {payload} {Checksum(payload)}";

    /// <summary>Whether it is a data message and its checksum fits.</summary>
    public static bool Fits(string message) =>
        message.Length >= Around && message.StartsWith("D ", StringComparison.Ordinal) && message.EndsWith(Checksum(Payload(message)), StringComparison.Ordinal);

    public static string Payload(string message) => message[2..^6];

    /// <summary>One <c>recv(1024)</c>; empty at the connection's end.</summary>
    public static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[OneRead];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
    }

    public static async Task SendAsync(Socket socket, string text)
    {
        for (var rest = new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(text)); !rest.IsEmpty;)
        {
            rest = rest[await socket.SendAsync(rest)..];
        }
    }

    private static string Checksum(string payload) =>
        string.Create(CultureInfo.InvariantCulture, $"-{(Encoding.UTF8.GetBytes(payload).Sum(one => one) & 0xFFF) + 1:0000}");
}
