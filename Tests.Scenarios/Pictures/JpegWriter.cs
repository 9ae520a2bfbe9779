using System.Buffers.Binary;

namespace Scenarios.Pictures;

/// <summary>
/// Writes grey or colour JPEG files whose blocks are all zero, so that a few bytes encode any number of blocks.
/// </summary>
/// <param name="width">The width in pixels.</param>
/// <param name="height">The height in pixels.</param>
/// <param name="sampling">Horizontal and vertical sampling factors, one pair for each component.</param>
public sealed class JpegWriter(int width, int height, params (int Across, int Down)[] sampling)
{
    private const int LongestRun = 14;

    /// <summary>The frame's marker: 0xC0 baseline, 0xC2 progressive, 0xC3 lossless, 0xC9 and 0xCA arithmetic.</summary>
    public byte Frame { get; init; } = 0xC2;

    /// <summary>Bits per sample.</summary>
    public byte Precision { get; init; } = 8;

    /// <summary>The bytes written before every scan, after the tables.</summary>
    public byte[] BeforeScan { get; init; } = [];

    /// <summary>The height in the frame header, if it differs from that of the scans.</summary>
    public int? AnnouncedHeight { get; init; }

    /// <summary>Returns one marker segment.</summary>
    public static byte[] Segment(byte marker, params byte[] data) =>
        [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    /// <summary>
    /// Returns a progressive file: the DC of each component, and for each of 63 bands of one coefficient a first scan
    /// and <paramref name="refinements"/> of successive approximation.
    /// </summary>
    public byte[] Progressive(int refinements)
    {
        var file = Begin();
        for (byte component = 0; component < sampling.Length; component++)
        {
            Scan(file, [component], 0, 0, 0, Zeros(Blocks(component)));
        }

        for (byte component = 0; component < sampling.Length; component++)
        {
            var empty = EndOfBands(Blocks(component));
            for (byte band = 1; band < 64; band++)
            {
                Scan(file, [component], band, band, (byte)refinements, empty);
                for (var low = refinements - 1; low >= 0; low--)
                {
                    Scan(file, [component], band, band, (byte)(((low + 1) << 4) | low), empty);
                }
            }
        }

        return End(file);
    }

    /// <summary>
    /// Returns a progressive file with one DC and one AC scan per component, as simple as an encoder may write it.
    /// </summary>
    public byte[] FewScans()
    {
        var file = Begin();
        for (byte component = 0; component < sampling.Length; component++)
        {
            Scan(file, [component], 0, 0, 0, Zeros(Blocks(component)));
            Scan(file, [component], 1, 63, 0, EndOfBands(Blocks(component)));
        }

        return End(file);
    }

    /// <summary>
    /// Returns a sequential file, interleaved or with one scan per component; all scans are repeated
    /// <paramref name="times"/> times.
    /// </summary>
    public byte[] Sequential(bool interleaved, int times = 1)
    {
        var file = Begin();
        for (var i = 0; i < times; i++)
        {
            if (interleaved)
            {
                var blocks = sampling.Sum(one => one.Across * one.Down) * Mcus();
                // A zero difference and the end of the block, 1 and 4 bits.
                Scan(
                    file,
                    [.. Enumerable.Range(0, sampling.Length).Select(one => (byte)one)],
                    0,
                    63,
                    0,
                    Zeros(5 * blocks));
                continue;
            }

            for (byte component = 0; component < sampling.Length; component++)
            {
                Scan(file, [component], 0, 63, 0, Zeros(5 * Blocks(component)));
            }
        }

        return End(file);
    }

    private int Mcus() =>
        DivideUp(width, 8 * sampling.Max(one => one.Across)) * DivideUp(height, 8 * sampling.Max(one => one.Down));

    private int Blocks(int component) =>
        DivideUp(DivideUp(width * sampling[component].Across, sampling.Max(one => one.Across)), 8)
        * DivideUp(DivideUp(height * sampling[component].Down, sampling.Max(one => one.Down)), 8);

    private List<byte> Begin()
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)(AnnouncedHeight ?? height));
        BinaryPrimitives.WriteUInt16BigEndian(size[2..], (ushort)width);
        byte[] components =
        [
            .. sampling.SelectMany((one, i) => (byte[])[(byte)(i + 1), (byte)((one.Across << 4) | one.Down), 0])
        ];
        var runs = Enumerable.Range(0, LongestRun + 1).Select(run => (byte)(run << 4));
        return
        [
            0xFF, 0xD8,
            .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
            .. Segment(Frame, [Precision, .. size, (byte)sampling.Length, .. components]),
            // DC: the code 0 for a difference of no bits.
            .. Segment(0xC4, [0x00, 1, .. new byte[15], 0]),
            // AC: codes of four bits for the runs 0 to 14 of blocks without further coefficients.
            .. Segment(0xC4, [0x10, 0, 0, 0, LongestRun + 1, .. new byte[12], .. runs]),
        ];
    }

    private static byte[] End(List<byte> file) => [.. file, 0xFF, 0xD9];

    private void Scan(List<byte> file, byte[] components, byte first, byte last, byte approximation, byte[] entropy)
    {
        file.AddRange(BeforeScan);
        var tables = components.SelectMany(one => (byte[])[(byte)(one + 1), 0]);
        file.AddRange(Segment(0xDA, [(byte)components.Length, .. tables, first, last, approximation]));
        file.AddRange(entropy);
    }

    /// <summary>Writes zero bits; the last byte is padded with ones.</summary>
    private static byte[] Zeros(int bits)
    {
        var bytes = new byte[(bits + 7) / 8];
        if (bits % 8 > 0)
        {
            bytes[^1] = (byte)(0xFF >> (bits % 8));
        }

        return bytes;
    }

    /// <summary>
    /// Writes runs of blocks without a coefficient in the band: the code of the run's length in bits, then its lower
    /// bits.
    /// </summary>
    private static byte[] EndOfBands(int blocks)
    {
        var bits = new List<bool>();
        while (blocks > 0)
        {
            var run = Math.Min(LongestRun, (int)Math.Log2(blocks));
            var count = Math.Min(blocks, (2 << run) - 1);
            Add(run, 4);
            Add(count - (1 << run), run);
            blocks -= count;
        }

        while (bits.Count % 8 > 0)
        {
            bits.Add(true);
        }

        return [.. bits.Chunk(8).SelectMany(Stuffed)];

        void Add(int value, int length)
        {
            for (var i = length - 1; i >= 0; i--)
            {
                bits.Add((value >> i & 1) != 0);
            }
        }
    }

    private static byte[] Stuffed(bool[] bits)
    {
        var one = bits.Aggregate((byte)0, (sum, bit) => (byte)((sum << 1) | (bit ? 1 : 0)));
        return one == 0xFF ? [one, 0] : [one];
    }

    private static int DivideUp(int dividend, int divisor) => (dividend + divisor - 1) / divisor;
}
