using System.Buffers.Binary;

namespace Worker.Imaging.Containers;

/// <summary>
/// Repairs a JPEG that has all its pixels but lacks its end marker, or whose restart markers differ from those that
/// libjpeg expects. Its input is the output of <see cref="JpegContainer"/>.
/// </summary>
internal static class JpegRepair
{
    private const int Start = 2;
    private const int Coefficients = 64;

    /// <summary>
    /// Rewrites the file. Returns false if pixels are missing; with several scans the decoder has to detect that, and
    /// warns before the first row.
    /// </summary>
    public static bool TryWrite(ReadOnlySpan<byte> file, ref NativeBuffer output, out bool isStrict)
    {
        isStrict = true;
        var tables = new JpegTables();
        // The bits still missing from each coefficient of each component, as the position of the lowest bit plus 1.
        Span<byte> missing = stackalloc byte[4 * Coefficients];
        missing.Fill(byte.MaxValue);
        output.Write(file[..Start]);
        var at = Start;
        while (at + 4 <= file.Length)
        {
            var marker = file[at + 1];
            if (file[at] != 0xFF || marker == JpegMarker.EndOfImage)
            {
                break;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (at + 2 + length > file.Length || !tables.TryRead(marker, file.Slice(at + 4, length - 2)))
            {
                return false;
            }

            output.Write(file.Slice(at, 2 + length));
            at += 2 + length;
            if (marker != JpegMarker.StartOfScan)
            {
                continue;
            }

            var scan = file.Slice(at - length + 2, length - 2);
            if (tables.IsWhole(scan))
            {
                isStrict = false;
                return JpegScan.TryWrite(tables, scan, file[at..], ref output);
            }

            tables.Count(scan, missing);
            var end = JpegContainer.FindScanEnd(file, at);
            output.Write(file[at..end]);
            at = end;
        }

        output.Write([0xFF, JpegMarker.EndOfImage]);
        return tables.Components > 0
            && !tables.IsArithmetic
            && !missing[..(Coefficients * tables.Components)].ContainsAnyExcept((byte)0);
    }
}
