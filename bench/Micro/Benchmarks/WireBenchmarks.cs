using System.Buffers;
using System.Buffers.Text;
using BenchmarkDotNet.Attributes;
using Node.Hosting;
using Protocol.Core;
using Protocol.Core.Interop;
using Scenarios;

namespace Micro.Benchmarks;

/// <summary>Measures the protocol's work on a picture's bytes.</summary>
public class WireBenchmarks
{
    private readonly ArrayBufferWriter<byte> writer = new();
    private ReadOnlySequence<byte> picture;
    private ReadOnlySequence<byte> text;
    private ReadOnlySequence<byte> size;
    private ReadOnlySequence<byte> image;
    private byte[] bytes = [];

    /// <summary>The size of the picture in bytes; the photographs' sizes.</summary>
    [Params(20_552, 83_814, 661_378)]
    public int Length { get; set; }

    /// <summary>Prepares the messages as the worker receives them.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        bytes = new byte[Length];
        new Random(1).NextBytes(bytes);
        picture = Received(bytes);
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(Length)];
        Base64.EncodeToUtf8(bytes, encoded, out _, out _);
        text = Received(encoded);
        size = Received(Written(Message.NewSize(Length, ParametersModule.extended)));
        image = Received(
            Written(Message.NewImage(new ReadOnlySequence<byte>(bytes), ParametersModule.extended)));
    }

    /// <summary>Measures the plain exchange's checksum.</summary>
    [Benchmark]
    public uint ChecksumSum() => ChecksumAlgorithmModule.ofSequence(ChecksumAlgorithm.Sum, picture);

    /// <summary>Measures the extended exchange's checksum.</summary>
    [Benchmark]
    public uint ChecksumCrc32C() => ChecksumAlgorithmModule.crc32c(picture);

    /// <summary>Measures the decoding of a plain image message in the worker.</summary>
    [Benchmark]
    public int Base64ToPicture()
    {
        using var decoded = ImageBytesModule.tryDecode(text).Value;
        return decoded.Memory.Length;
    }

    /// <summary>Measures a whole image message, base64, with its checksum.</summary>
    [Benchmark]
    public int EncodePlain() => Encode(ParametersModule.none);

    /// <summary>Measures the same for the extended exchange: the picture's own bytes.</summary>
    [Benchmark]
    public int EncodeExtended() => Encode(ParametersModule.extended);

    /// <summary>
    /// Measures the worker's side of an extended exchange, from its first byte to the complete picture.
    /// </summary>
    [Benchmark]
    public int ReadExtended()
    {
        var state = WorkerProtocol.Start(Limits.Standard);
        WorkerProtocol.Step(ref state, WorkerEvent.NewReceived(size));
        foreach (var effect in WorkerProtocol.Step(ref state, WorkerEvent.NewReceived(image)))
        {
            if (effect is WorkerEffect.Recognize recognize)
            {
                using var received = recognize.Image;
                return received.Memory.Length;
            }
        }

        throw new InvalidOperationException("The picture did not arrive.");
    }

    /// <summary>Splits the bytes into the blocks that a socket receives into.</summary>
    private static ReadOnlySequence<byte> Received(byte[] bytes) => Pieces.Cut(
        bytes,
        Enumerable.Range(1, (bytes.Length - 1) / ReceiveBlocks.BlockSize).Select(i => i * ReceiveBlocks.BlockSize));

    private byte[] Written(Message message)
    {
        writer.ResetWrittenCount();
        WorkerProtocol.Write(writer, message);
        return writer.WrittenSpan.ToArray();
    }

    private int Encode(Parameters parameters)
    {
        writer.ResetWrittenCount();
        WorkerProtocol.Write(writer, Message.NewImage(new ReadOnlySequence<byte>(bytes), parameters));
        return writer.WrittenCount;
    }
}
