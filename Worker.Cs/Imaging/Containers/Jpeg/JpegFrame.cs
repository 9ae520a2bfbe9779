using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Worker.Imaging.Containers;

/// <summary>
/// A JPEG's frame header: <c>frame = precision height width count *component</c>,
/// <c>component = id sampling table</c>, height and width 2 bytes, big-endian.
/// </summary>
internal struct JpegFrame
{
    private const int BlockSide = 8;
    private const int MaxComponents = 4;
    private const int Head = 6;
    private const byte Baseline = 0xC0;
    private const byte Extended = 0xC1;
    private const byte Progressive = 0xC2;
    private const byte ArithmeticSequential = 0xC9;
    private const byte ArithmeticProgressive = 0xCA;

    private FourComponents components;
    private int maxAcross;
    private int maxDown;

    /// <summary>Pixels in a row.</summary>
    public int Width { get; private set; }

    /// <summary>Rows.</summary>
    public int Height { get; private set; }

    /// <summary>1, 3 or 4; 0 before the frame is read.</summary>
    public int Components { get; private set; }

    /// <summary>Whether the frame is not progressive.</summary>
    public bool IsSequential { get; private set; }

    /// <summary>Whether entropy coding is arithmetic.</summary>
    public bool IsArithmetic { get; private set; }

    /// <summary>Blocks of all components, including padding of the last MCU of a row and of the frame.</summary>
    public readonly long Blocks
    {
        get
        {
            var sum = 0L;
            foreach (var component in components[..Components])
            {
                sum += component.Across * component.Down;
            }

            return sum * McusAcross * McusDown;
        }
    }

    /// <summary>MCUs of a scan of all components. With one component, each is one block, whatever its sampling.</summary>
    public readonly long Mcus => Components == 1
        ? (long)DivideUp(Width, BlockSide) * DivideUp(Height, BlockSide)
        : (long)McusAcross * McusDown;

    /// <summary>Whether a colour image samples one component less often than another.</summary>
    public readonly bool HasReducedChroma
    {
        get
        {
            var reduced = false;
            foreach (var component in components[..Components])
            {
                reduced |= component.Across < maxAcross || component.Down < maxDown;
            }

            return reduced && Components == 3;
        }
    }

    private readonly int McusAcross => DivideUp(Width, BlockSide * maxAcross);

    private readonly int McusDown => DivideUp(Height, BlockSide * maxDown);

    /// <summary>Reads a frame's segment; the refusal is null if the frame can be decoded.</summary>
    public static ImageRefusal? Read(byte marker, ReadOnlySpan<byte> data, out JpegFrame frame)
    {
        frame = default;
        if (marker is not (Baseline or Extended or Progressive or ArithmeticSequential or ArithmeticProgressive))
        {
            return ImageContainer.Unsupported("lossless or hierarchical JPEG", "save it as a baseline JPEG");
        }

        if (data.Length < Head || data.Length != Head + (3 * data[Head - 1]))
        {
            return ImageContainer.Damaged("the JPEG's frame header has a wrong length");
        }

        if (data[0] != 8)
        {
            return ImageContainer.Unsupported($"JPEG with {data[0]} bits a sample", "save it with 8 bits");
        }

        if (data[Head - 1] is not (1 or 3 or MaxComponents))
        {
            return ImageContainer.Unsupported($"JPEG with {data[Head - 1]} components", "save it as RGB or grey");
        }

        frame.Height = BinaryPrimitives.ReadUInt16BigEndian(data[1..]);
        frame.Width = BinaryPrimitives.ReadUInt16BigEndian(data[3..]);
        frame.Components = data[Head - 1];
        frame.IsSequential = marker is not (Progressive or ArithmeticProgressive);
        frame.IsArithmetic = marker is ArithmeticSequential or ArithmeticProgressive;
        for (var i = 0; i < frame.Components; i++)
        {
            var (id, sampling) = (data[Head + (3 * i)], data[Head + (3 * i) + 1]);
            var component = new Component(id, sampling >> 4, sampling & 0xF);
            if (component.Across is < 1 or > 4 || component.Down is < 1 or > 4)
            {
                return ImageContainer.Damaged("a JPEG component has an impossible sampling factor");
            }

            frame.components[i] = component;
            frame.maxAcross = Math.Max(frame.maxAcross, component.Across);
            frame.maxDown = Math.Max(frame.maxDown, component.Down);
        }

        return frame.Width == 0 || frame.Height == 0 ? ImageContainer.Damaged("the JPEG has no pixels") : null;
    }

    /// <summary>Returns the index of the first component with this id; -1 if there is none.</summary>
    public readonly int IndexOf(byte id)
    {
        for (var i = 0; i < Components; i++)
        {
            if (components[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Returns the blocks of a component in an MCU; 0 if there is no such component.</summary>
    public readonly int BlocksPerMcu(byte id) =>
        Components == 1 ? 1
        : IndexOf(id) is var index and >= 0 ? components[index].Across * components[index].Down
        : 0;

    /// <summary>
    /// Counts the blocks of a scan: <c>scan = count *(id tables) first last approximation</c>. Returns false if the
    /// scan does not match the frame.
    /// </summary>
    public readonly bool TryCountScan(ReadOnlySpan<byte> scan, out long blocks)
    {
        blocks = 0;
        if (scan.IsEmpty || scan[0] is < 1 or > MaxComponents)
        {
            return false;
        }

        if (scan[0] > Components || scan.Length != 4 + (2 * scan[0]))
        {
            return false;
        }

        for (var i = 0; i < scan[0]; i++)
        {
            var most = 0L;
            foreach (var component in components[..Components])
            {
                // If several components have the same id, the decoder may use any of them.
                most = component.Id == scan[1 + (2 * i)] ? Math.Max(most, CountBlocks(component, scan[0] > 1)) : most;
            }

            if (most == 0)
            {
                return false;
            }

            blocks += most;
        }

        return true;
    }

    /// <summary>Counts the blocks of a component, which has padding of an MCU only if it is interleaved.</summary>
    private readonly long CountBlocks(Component component, bool isInterleaved) => isInterleaved
        ? (long)component.Across * component.Down * McusAcross * McusDown
        : (long)DivideUp(DivideUp(Width * component.Across, maxAcross), BlockSide)
            * DivideUp(DivideUp(Height * component.Down, maxDown), BlockSide);

    private static int DivideUp(int dividend, int divisor) => (dividend + divisor - 1) / divisor;

    private readonly record struct Component(byte Id, int Across, int Down);

    [InlineArray(MaxComponents)]
    private struct FourComponents
    {
        private Component first;
    }
}
