using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>The tables that a JPEG's segments define for its scans.</summary>
internal sealed class JpegTables
{
    private const int Coefficients = 64;
    private const int MaxCodeLength = 16;
    private readonly byte[]?[] codes = new byte[32][];
    private JpegFrame frame;

    /// <inheritdoc cref="JpegFrame.Components"/>
    public int Components => frame.Components;

    /// <inheritdoc cref="JpegFrame.IsArithmetic"/>
    public bool IsArithmetic => frame.IsArithmetic;

    /// <inheritdoc cref="JpegFrame.Mcus"/>
    public long Mcus => frame.Mcus;

    /// <summary>MCUs between two restart markers; 0 if there are none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Reads one segment's data; false if it is malformed.</summary>
    public bool TryRead(byte marker, ReadOnlySpan<byte> data)
    {
        switch (marker)
        {
            case JpegMarker.RestartInterval:
                RestartInterval = data.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(data) : 0;
                return data.Length == 2;
            case JpegMarker.HuffmanTables:
                return TryReadCodes(data);
            case 0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA:
                return JpegFrame.Read(marker, data, out frame) is null;
            default:
                return true;
        }
    }

    /// <summary>Whether a scan holds a whole sequential image with Huffman codes.</summary>
    public bool IsWhole(ReadOnlySpan<byte> scan) => frame.IsSequential && !IsArithmetic && scan[0] == Components;

    /// <summary>
    /// Returns the blocks of an MCU for each of the scan's components: their number, and the codes of their first and
    /// other coefficients.
    /// </summary>
    public IEnumerable<(int Blocks, byte[]? First, byte[]? Others)> Blocks(byte[] scan)
    {
        for (var i = 0; i < scan[0]; i++)
        {
            var (id, selected) = (scan[1 + (2 * i)], scan[2 + (2 * i)]);
            yield return (frame.BlocksPerMcu(id), codes[(selected >> 4) & 15], codes[16 + (selected & 15)]);
        }
    }

    /// <summary>
    /// Records the coefficient bits that a scan holds: <paramref name="missing"/> has 64 numbers for each component, 0
    /// if nothing is missing.
    /// </summary>
    public void Count(ReadOnlySpan<byte> scan, Span<byte> missing)
    {
        for (var i = 0; i < scan[0]; i++)
        {
            var index = frame.IndexOf(scan[1 + (2 * i)]);
            var first = frame.IsSequential ? 0 : scan[^3];
            var last = frame.IsSequential ? Coefficients - 1 : Math.Min((int)scan[^2], Coefficients - 1);
            var low = frame.IsSequential ? 0 : scan[^1] & 15;
            for (var k = first; index >= 0 && k <= last; k++)
            {
                missing[(Coefficients * index) + k] = (byte)low;
            }
        }
    }

    /// <summary>
    /// Reads <c>tables = *(class-and-number 16 counts symbols)</c>; keeps the counts and the symbols.
    /// </summary>
    private bool TryReadCodes(ReadOnlySpan<byte> data)
    {
        while (data.Length > MaxCodeLength)
        {
            var sum = 0;
            foreach (var count in data.Slice(1, MaxCodeLength))
            {
                sum += count;
            }

            if (1 + MaxCodeLength + sum > data.Length || data[0] > 0x1F)
            {
                return false;
            }

            codes[data[0]] = data.Slice(1, MaxCodeLength + sum).ToArray();
            data = data[(1 + MaxCodeLength + sum)..];
        }

        return data.IsEmpty;
    }
}
