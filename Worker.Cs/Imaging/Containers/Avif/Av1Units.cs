namespace Worker.Imaging.Containers;

/// <summary>
/// Parses AV1's open bitstream units: <c>unit = head [extension] [length] data</c>, the length in groups of 7 bits, the
/// lowest first.
/// </summary>
internal static class Av1Units
{
    private const int SequenceHeader = 1;
    private const int FrameHeader = 3;
    private const int Frame = 6;
    private const int HasExtension = 4;
    private const int HasLength = 2;
    private const int MaxSide = 1 << 16;

    /// <summary>
    /// Counts the frames and sums the pixels of all sequence headers; an unreadable header counts as the largest size.
    /// </summary>
    public static (long Pixels, int Frames) Measure(ReadOnlySpan<byte> units)
    {
        var (pixels, frames) = (0L, 0);
        for (var at = 0; at < units.Length;)
        {
            var head = units[at];
            at += (head & HasExtension) != 0 ? 2 : 1;
            var length = (long)Math.Max(0, units.Length - at);
            if ((head & HasLength) != 0)
            {
                length = 0;
                for (var shift = 0; shift < 56 && at < units.Length; shift += 7)
                {
                    length |= (units[at] & 0x7FL) << shift;
                    if ((units[at++] & 0x80) == 0)
                    {
                        break;
                    }
                }
            }

            var end = (int)Math.Min(units.Length, at + length);
            var type = head >> 3 & 15;
            frames += type is FrameHeader or Frame ? 1 : 0;
            pixels += type == SequenceHeader && at < end ? ReadSize(units[at..end]) : 0;
            at = Math.Max(end, at);
        }

        return (pixels, frames);
    }

    private static long ReadSize(ReadOnlySpan<byte> header)
    {
        var bits = new BitReader(header);
        bits.Read(4);
        if (bits.Read(1) == 1)
        {
            bits.Read(5);
        }
        else
        {
            // Timing information, which still images do not have.
            if (bits.Read(1) == 1)
            {
                return (long)MaxSide * MaxSide;
            }

            var hasDelay = bits.Read(1) == 1;
            var points = bits.Read(5) + 1;
            for (var i = 0; i < points; i++)
            {
                bits.Read(12);
                bits.Read(bits.Read(5) > 7 ? 1 : 0);
                bits.Read(hasDelay && bits.Read(1) == 1 ? 4 : 0);
            }
        }

        var (across, down) = (bits.Read(4) + 1, bits.Read(4) + 1);
        return (bits.Read(across) + 1L) * (bits.Read(down) + 1L);
    }

    /// <summary>Reads bits, the highest first; returns zeros after the end.</summary>
    private ref struct BitReader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;
        private int at;

        public int Read(int count)
        {
            var value = 0;
            for (; count > 0; count--, at++)
            {
                var bit = at / 8 < bytes.Length ? bytes[at / 8] >> (7 - (at % 8)) & 1 : 0;
                value = (value << 1) | bit;
            }

            return value;
        }
    }
}
