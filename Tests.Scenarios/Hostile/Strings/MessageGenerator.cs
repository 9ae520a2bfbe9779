using System.Text;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>
/// Generates byte strings: honest peers' messages with an error in them, and noise from the protocol's own letters.
/// </summary>
public sealed class MessageGenerator(int seed)
{
    private const int Longest = 2048;

    private static readonly byte[] Letters = Encoding.ASCII.GetBytes("DDAN   --0123456789=+/:,.e\n\0\u007f");

    private static readonly byte[][] Honest =
    [
        ProtocolClient.Data("4"),
        ProtocolClient.Data("33554432"),
        ProtocolClient.Data("TWFu"),
        [.. ProtocolClient.Data("4"), .. ProtocolClient.Data("TWFu")],
        [.. ProtocolClient.Data("16"), .. ProtocolClient.Data("/9j/4AAQSkZJRg==")],
        [.. ProtocolClient.Data("4"), .. ProtocolClient.Data("4"), .. ProtocolClient.Data("TWFu"), (byte)'A'],
        [.. "AA"u8, .. ProtocolClient.Data("Samoyed:0.9284364581108093,Great Pyrenees:0.014907")],
        ProtocolClient.Data("Samoyed:0.9284364581108093,Great Pyrenees:8.1e-05,wallaby:0.0,kuvasz:1.0,Æ:0.5"),
        ProtocolClient.Data("a:NaN,b:2.5,c:-1,d:1e400"),
        ProtocolClient.Data("-1"),
        ProtocolClient.Data("1000000000000000000"),
        "N"u8.ToArray(),
    ];

    private readonly Random random = new(seed);
    private readonly byte[] buffer = new byte[Longest];
    private int length;

    /// <summary>Returns the next string; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        length = 0;
        switch (random.Next(8))
        {
            case 0:
                length = random.Next(200);
                random.NextBytes(buffer.AsSpan(0, length));
                break;
            case 1:
                length = random.Next(120);
                random.GetItems(Letters, buffer.AsSpan(0, length));
                break;
            default:
                for (var parts = random.Next(1, 4); parts > 0; parts--)
                {
                    Append(Honest[random.Next(Honest.Length)]);
                }

                for (var changes = random.Next(4); changes > 0; changes--)
                {
                    Change();
                }

                break;
        }

        return buffer.AsSpan(0, length);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var fits = bytes[..Math.Min(bytes.Length, Longest - length)];
        fits.CopyTo(buffer.AsSpan(length));
        length += fits.Length;
    }

    private void Change()
    {
        if (length == 0)
        {
            return;
        }

        var at = random.Next(length);
        switch (random.Next(6))
        {
            case 0:
                buffer[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                buffer[at] = Letters[random.Next(Letters.Length)];
                break;
            case 2:
                length = at;
                break;
            case 3:
                // Omit a piece.
                var gone = random.Next(1, Math.Min(16, length - at) + 1);
                buffer.AsSpan((at + gone)..length).CopyTo(buffer.AsSpan(at));
                length -= gone;
                break;
            case 4:
                // Repeat a piece.
                var twice = Math.Min(random.Next(1, 64), length - at);
                Append(buffer.AsSpan(at, twice).ToArray());
                break;
            default:
                // Add a digit.
                if (length < Longest)
                {
                    buffer.AsSpan(at..length).CopyTo(buffer.AsSpan(at + 1));
                    buffer[at] = (byte)('0' + random.Next(10));
                    length++;
                }

                break;
        }
    }
}
