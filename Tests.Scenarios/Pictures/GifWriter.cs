using System.Buffers.Binary;

namespace Scenarios.Pictures;

/// <summary>GIF files put together by hand.</summary>
internal static class GifWriter
{
    /// <summary>Returns a file with frames of this size; each has one pixel of data.</summary>
    public static byte[] Frames(int count, ushort width, ushort height)
    {
        // Header, screen, two colours.
        byte[] head = [.. "GIF89a"u8, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF];
        // Graphic control, image descriptor, the codes "clear", 0, "end".
        byte[] frame = [0x21, 0xF9, 4, 0, 1, 0, 0, 0, 0x2C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x44, 1, 0];
        Measure(head, 6, width, height);
        Measure(frame, 13, width, height);
        var file = new List<byte>(head);
        for (var i = 0; i < count; i++)
        {
            file.AddRange(frame);
        }

        return [.. file, 0x3B];
    }

    private static void Measure(byte[] bytes, int at, ushort width, ushort height)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), width);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 2), height);
    }
}
