using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Worker.Imaging;

/// <summary>Splits pixels of three bytes into one vector for each colour.</summary>
internal static class PixelPlanes
{
    /// <summary>Pixels a step.</summary>
    public const int Pixels = 16;

    // For each colour, the positions of its bytes in each third of 16 pixels' 48 bytes; 255 if they are elsewhere.
    private static readonly Vector128<byte>[] Places =
        [
            .. from colour in Enumerable.Range(0, Resampling.Channels)
               from part in Enumerable.Range(0, Resampling.Channels)
               select Place(colour, part),
        ];

    /// <summary>
    /// Returns the <paramref name="colour"/> (0 … 2) of the sixteen pixels at byte offset <paramref name="at"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Colour(ref byte row, nuint at, int colour)
    {
        var places = Places.AsSpan(colour * Resampling.Channels, Resampling.Channels);
        return ToSingle(
            Vector128.ShuffleNative(Vector128.LoadUnsafe(ref row, at), places[0])
            | Vector128.ShuffleNative(Vector128.LoadUnsafe(ref row, at + 16), places[1])
            | Vector128.ShuffleNative(Vector128.LoadUnsafe(ref row, at + 32), places[2]));
    }

    /// <summary>Converts sixteen bytes to float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector128<byte> bytes)
    {
        var (low, high) = Vector256.Widen(Vector256.WidenLower(bytes.ToVector256Unsafe()));
        return Vector512.Create(Vector256.ConvertToSingle(low.AsInt32()), Vector256.ConvertToSingle(high.AsInt32()));
    }

    private static Vector128<byte> Place(int colour, int part)
    {
        var places = new byte[Vector128<byte>.Count];
        for (var i = 0; i < places.Length; i++)
        {
            var place = (i * Resampling.Channels) + colour - (part * Vector128<byte>.Count);
            places[i] = place is >= 0 and < 16 ? (byte)place : byte.MaxValue;
        }

        return Vector128.Create(places);
    }
}
