using System.Buffers;
using System.Buffers.Text;
using Bench.Output;
using Protocol.Core;

namespace Micro.Goals;

/// <summary>Measures the worker's cost per received byte, relative to a plain read of the same bytes.</summary>
internal static class BytesPart
{
    private const double Least = .5;

    // The photographs' sizes, and one larger than the processors' caches.
    private static readonly (string Name, int Length)[] Sizes =
        [("20 kB", 20_552), ("84 kB", 83_814), ("661 kB", 661_378), ("64 MB", 64_000_000)];

    private static ulong sink;

    public static Part Run(MeasurementPlan pace)
    {
        var (goals, rows) = (new List<Goal>(), new List<string[]>());
        foreach (var (name, length) in Sizes)
        {
            var bytes = new byte[length];
            new Random(1).NextBytes(bytes);
            var picture = Pieces.Of(bytes);
            var text = Pieces.Of(Encoded(bytes));
            var rounds = Interleaved.Measure(
                pace,
                () => sink += MemoryRead.Of(picture),
                () => sink += (uint)Checksum.sumOf(picture),
                () => sink += ChecksumAlgorithmModule.ofSequence(ChecksumAlgorithm.Crc32c, picture),
                () => sink += MemoryRead.Of(text),
                () => Decode(text));
            Add("checksum, the sum of the bytes", 0, 1, length);
            Add("checksum, CRC-32C", 0, 2, length);
            Add("base64 to a picture", 3, 4, (int)text.Length);

            void Add(string what, int read, int done, int over)
            {
                goals.Add(Goal.Of($"{what}, over a read of the same bytes, {name}", rounds.Select(round => round[read] / round[done]), Least, atLeast: true));
                rows.Add([name, what, Speed(rounds, done, over), Speed(rounds, read, over)]);
            }
        }

        return new Part(goals, new Section(
            "Bytes",
            "Gigabytes a second on one core; the bytes lie in pieces of 16 KiB, as the worker receives them. The read is four chains of 512-bit loads. Base64 counts its text's bytes, and decodes into a rented array, as the worker does.",
            ["picture", "what", "GB/s", "read, GB/s"],
            rows));
    }

    private static byte[] Encoded(byte[] bytes)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        return Base64.EncodeToUtf8(bytes, text, out _, out _) == OperationStatus.Done
            ? text
            : throw new InvalidOperationException("It can't be encoded.");
    }

    private static void Decode(ReadOnlySequence<byte> text)
    {
        var decoded = ImageBytesModule.tryDecode(text);
        using var image = decoded.IsSome ? decoded.Value : throw new InvalidOperationException("It is not base64.");
        sink += image.Memory.Span[^1];
    }

    private static string Speed(double[][] rounds, int action, int bytes) =>
        Part.Text(bytes / Goal.Median(rounds.Select(round => round[action])) / 1e9, "F1");
}
