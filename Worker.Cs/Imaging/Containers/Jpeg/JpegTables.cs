using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>The tables that a JPEG's segments define for its scans.</summary>
internal sealed class JpegTables
{
    private const int Coefficients = 64;
    private const int MaxCodeLength = 16;
    private readonly byte[]?[] codes = new byte[32][];
    private readonly (byte Id, int Across, int Down)[] components = new (byte Id, int Across, int Down)[4];
    private bool isSequential;

    /// <summary>Components of the frame; 0 before it is read.</summary>
    public int Components { get; private set; }

    /// <summary>Whether entropy coding is arithmetic.</summary>
    public bool IsArithmetic { get; private set; }

    /// <summary>MCUs between two restart markers; 0 if there are none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>MCUs of a scan of all components.</summary>
    public long Mcus { get; private set; }

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
                ReadFrame(marker, data);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Whether a scan holds a whole sequential image with Huffman codes.</summary>
    public bool IsWhole(ReadOnlySpan<byte> scan) => isSequential && !IsArithmetic && scan[0] == Components;

    /// <summary>
    /// Returns the blocks of an MCU for each of the scan's components: their number, and the codes of their first and
    /// other coefficients.
    /// </summary>
    public IEnumerable<(int Blocks, byte[]? First, byte[]? Others)> Blocks(byte[] scan)
    {
        for (var i = 0; i < scan[0]; i++)
        {
            var (id, selected) = (scan[1 + (2 * i)], scan[2 + (2 * i)]);
            var component = Array.Find(components, one => one.Id == id);
            var blocks = Components == 1 ? 1 : component.Across * component.Down;
            yield return (blocks, codes[(selected >> 4) & 15], codes[16 + (selected & 15)]);
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
            var id = scan[1 + (2 * i)];
            var index = Array.FindIndex(components, one => one.Id == id);
            var first = isSequential ? 0 : scan[^3];
            var last = isSequential ? Coefficients - 1 : Math.Min((int)scan[^2], Coefficients - 1);
            var low = isSequential ? 0 : scan[^1] & 15;
            for (var k = first; index >= 0 && k <= last; k++)
            {
                missing[(Coefficients * index) + k] = (byte)low;
            }
        }
    }

    private void ReadFrame(byte marker, ReadOnlySpan<byte> data)
    {
        isSequential = marker is 0xC0 or 0xC1 or 0xC9;
        IsArithmetic = marker is 0xC9 or 0xCA;
        Components = Math.Min(4, (int)data[5]);
        var (maxAcross, maxDown) = (1, 1);
        for (var i = 0; i < Components; i++)
        {
            components[i] = (data[6 + (3 * i)], data[7 + (3 * i)] >> 4, data[7 + (3 * i)] & 15);
            (maxAcross, maxDown) = (Math.Max(maxAcross, components[i].Across), Math.Max(maxDown, components[i].Down));
        }

        // The MCU of a single component is one block, whatever its sampling.
        var (across, down) = Components == 1 ? (8, 8) : (8 * maxAcross, 8 * maxDown);
        Mcus = (BinaryPrimitives.ReadUInt16BigEndian(data[3..]) + across - 1) / across
            * (long)((BinaryPrimitives.ReadUInt16BigEndian(data[1..]) + down - 1) / down);
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
