namespace Worker.Imaging.Containers;

/// <summary>
/// Parses the Huffman codes of a sequential scan of all components and rewrites them with the correct restart markers
/// and the end marker.
/// </summary>
internal ref struct JpegScan
{
    private const int Coefficients = 64;
    private const int MaxCodeLength = 16;

    private readonly ReadOnlySpan<byte> data;
    private int position;
    private int current;
    private int bitsLeft;

    private JpegScan(ReadOnlySpan<byte> data)
    {
        this.data = data;
    }

    /// <summary>
    /// Copies <paramref name="data"/>, which follows the scan's header; false if a block is missing or damaged.
    /// </summary>
    public static bool TryWrite(
        JpegTables tables, ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, ref NativeBuffer output)
    {
        var blocks = tables.Blocks(header.ToArray()).ToArray();
        if (Array.Exists(
            blocks, component => component.First is null || component.Others is null || component.Blocks == 0))
        {
            return false;
        }

        var scan = new JpegScan(data);
        for (var (mcu, restarts) = (0L, 0); mcu < tables.Mcus; mcu++)
        {
            if (tables.RestartInterval > 0 && mcu > 0 && mcu % tables.RestartInterval == 0)
            {
                if (!scan.TrySkipRestart())
                {
                    return false;
                }

                output.Write([0xFF, (byte)(JpegMarker.FirstRestart + (restarts++ & 7))]);
            }

            foreach (var (count, first, others) in blocks)
            {
                for (var i = 0; i < count; i++)
                {
                    if (!scan.TryCopyBlock(first!, others!, ref output))
                    {
                        return false;
                    }
                }
            }
        }

        output.Write([0xFF, JpegMarker.EndOfImage]);
        return true;
    }

    private bool TryCopyBlock(byte[] first, byte[] others, ref NativeBuffer output)
    {
        var length = ReadSymbol(first, ref output);
        if (length is < 0 or > MaxCodeLength || !TryCopyBits(length, ref output))
        {
            return false;
        }

        for (var k = 1; k < Coefficients; k++)
        {
            var symbol = ReadSymbol(others, ref output);
            if (symbol < 0 || !TryCopyBits(symbol & 15, ref output))
            {
                return false;
            }

            // End of block, or a run of sixteen zeros.
            var isEnd = (symbol & 15) == 0 && symbol >> 4 != 15;
            k += isEnd ? Coefficients : symbol >> 4;
        }

        return true;
    }

    /// <summary>
    /// Reads a symbol. Codes are in the order of their lengths; <paramref name="codes"/> holds the number of codes of
    /// each length, then their symbols.
    /// </summary>
    private int ReadSymbol(byte[] codes, ref NativeBuffer output)
    {
        var (code, first, index) = (0, 0, MaxCodeLength);
        for (var length = 0; length < MaxCodeLength; length++)
        {
            var bit = ReadBit(ref output);
            if (bit < 0)
            {
                return -1;
            }

            code = (code << 1) | bit;
            first <<= 1;
            if (code - first < codes[length])
            {
                return codes[index + code - first];
            }

            first += codes[length];
            index += codes[length];
        }

        return -1;
    }

    private bool TryCopyBits(int bits, ref NativeBuffer output)
    {
        while (bits-- > 0)
        {
            if (ReadBit(ref output) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private int ReadBit(ref NativeBuffer output)
    {
        if (bitsLeft == 0 && !TryReadByte(ref output))
        {
            return -1;
        }

        return current >> --bitsLeft & 1;
    }

    /// <summary>Reads a byte; skips restart markers, since none is valid while bits are expected.</summary>
    private bool TryReadByte(ref NativeBuffer output)
    {
        while (position < data.Length && data[position] == 0xFF)
        {
            var marker = data[position..].IndexOfAnyExcept((byte)0xFF);
            if (marker < 0)
            {
                return false;
            }

            if (data[position + marker] == 0)
            {
                position += marker + 1;
                output.Write([0xFF, 0]);
                (current, bitsLeft) = (0xFF, 8);
                return true;
            }

            if (data[position + marker] is < JpegMarker.FirstRestart or > JpegMarker.LastRestart)
            {
                return false;
            }

            position += marker + 1;
        }

        if (position >= data.Length)
        {
            return false;
        }

        (current, bitsLeft) = (data[position++], 8);
        output.Write([(byte)current]);
        return true;
    }

    /// <summary>Skips to the next restart marker, whatever its number.</summary>
    private bool TrySkipRestart()
    {
        bitsLeft = 0;
        while (data[position..].IndexOf((byte)0xFF) is var found and >= 0)
        {
            position += found;
            var marker = data[position..].IndexOfAnyExcept((byte)0xFF);
            if (marker < 0)
            {
                return false;
            }

            position += marker + 1;
            if (data[position - 1] is >= JpegMarker.FirstRestart and <= JpegMarker.LastRestart)
            {
                return true;
            }

            if (data[position - 1] != 0)
            {
                return false;
            }
        }

        return false;
    }
}
