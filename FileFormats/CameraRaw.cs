using System.Buffers.Binary;

namespace FileFormats;

/// <summary>
/// Camera raw in a TIFF container: DNG, NEF, ARW, PEF and others. The first directory has the DNG tag, a colour filter
/// array, or only a thumbnail with the picture in a subdirectory.
/// </summary>
internal static class CameraRaw
{
    private const int MaxEntries = 512;

    private const ushort NewSubfileType = 254;
    private const ushort Photometric = 262;
    private const ushort Make = 271;
    private const ushort SubDirectories = 330;
    private const ushort DngVersion = 50706;

    /// <summary>Returns null for ordinary TIFF, or if <paramref name="head"/> lacks the first directory.</summary>
    public static FileFormat? Identify(ReadOnlySpan<byte> head)
    {
        var isLittle = head[0] == 'I';
        var at = head.Length < 8 ? uint.MaxValue : ReadUInt32(head[4..], isLittle);
        if (at > head.Length - 2)
        {
            return null;
        }

        var directory = head[(int)at..];
        var (isDng, isThumbnail, hasSubDirectories, isMosaic, make) = (false, false, false, false, "");
        var count = Math.Min((int)ReadUInt16(directory, isLittle), MaxEntries);
        for (var entry = 2; count > 0 && entry + 12 <= directory.Length; entry += 12, count--)
        {
            var value = directory[(entry + 8)..];
            switch (ReadUInt16(directory[entry..], isLittle))
            {
                case NewSubfileType:
                    isThumbnail = (ReadUInt32(value, isLittle) & 1) != 0;
                    break;
                case Photometric:
                    isMosaic = ReadUInt16(value, isLittle) is 32803 or 34892;
                    break;
                case Make:
                    make = MakeAt(head, ReadUInt32(value, isLittle));
                    break;
                case SubDirectories:
                    hasSubDirectories = true;
                    break;
                case DngVersion:
                    isDng = true;
                    break;
                default:
                    break;
            }
        }

        return isDng ? Raw("DNG camera raw")
            : isMosaic || (isThumbnail && hasSubDirectories) ? Raw(make)
            : null;
    }

    /// <summary>Returns the format's name for the first letters of the maker's name.</summary>
    private static string MakeAt(ReadOnlySpan<byte> head, uint offset)
    {
        var make = offset < head.Length ? head[(int)offset..] : default;
        return make.StartsWith("NIKON"u8) ? "NEF camera raw"
            : make.StartsWith("SONY"u8) ? "ARW camera raw"
            : make.StartsWith("PENTAX"u8) ? "PEF camera raw"
            : "";
    }

    private static FileFormat Raw(string name) =>
        new(name == "" ? "Camera raw" : name, null, FormatSignatures.ExportRaw);

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
