namespace Worker.Imaging.Containers;

/// <summary>
/// Counts the pixels in a GIF frame's LZW codes, which are stored in blocks:
/// <c>data = codesize *(length codes)</c>, codes the lowest bit first.
/// </summary>
internal static class GifCodes
{
    private const int MaxCodes = 4096;
    private const int MaxWidth = 12;

    /// <summary>
    /// Returns whether <paramref name="data"/>, which begins with the code size, holds at least
    /// <paramref name="pixels"/>. Stops at the first code that is truncated, ends the frame, or is invalid.
    /// </summary>
    public static bool HasPixels(ReadOnlySpan<byte> data, long pixels)
    {
        if (data.IsEmpty || data[0] is 0 or >= MaxWidth)
        {
            return false;
        }

        var clear = 1 << data[0];
        var (next, width, previous) = (clear + 2, data[0] + 1, -1);
        var (bits, count, block, at) = (0u, 0, 0, 1);
        Span<ushort> lengths = stackalloc ushort[MaxCodes];
        lengths[..clear].Fill(1);
        while (pixels > 0)
        {
            for (; count < width; count += 8, block--)
            {
                if (block == 0)
                {
                    block = at < data.Length ? data[at++] : 0;
                }

                if (block == 0 || at >= data.Length)
                {
                    return false;
                }

                bits |= (uint)data[at++] << count;
            }

            var code = (int)(bits & ((1u << width) - 1));
            (bits, count) = (bits >> width, count - width);
            if (code == clear)
            {
                (next, width, previous) = (clear + 2, data[0] + 1, -1);
                continue;
            }

            if (code == clear + 1 || (previous < 0 ? code >= clear : code > next || (code == next && next == MaxCodes)))
            {
                return false;
            }

            if (previous >= 0 && next < MaxCodes)
            {
                lengths[next++] = (ushort)(lengths[previous] + 1);
                width += next == 1 << width && width < MaxWidth ? 1 : 0;
            }

            pixels -= lengths[code];
            previous = code;
        }

        return true;
    }
}
