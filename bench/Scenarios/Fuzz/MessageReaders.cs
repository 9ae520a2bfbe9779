using System.Buffers;
using Protocol.Core;

namespace Scenarios.Bench.Fuzz;

/// <summary>Runs every reader of the message grammar on the same bytes.</summary>
internal static class MessageReaders
{
    public static void Read(ReadOnlySequence<byte> bytes, int size)
    {
        _ = FrameReader.acknowledgement(bytes);
        _ = FrameReader.size(Limits.Standard.MaxPayload, bytes);
        foreach (var parameters in (Parameters[])[ParametersModule.none, ParametersModule.extended])
        {
            _ = ResultReader.read(Limits.Standard.MaxResult, parameters, bytes);
            _ = ResultReader.hasTrailer(parameters, bytes);
            var read = FrameReader.image(size & ~3, parameters, bytes);
            if (read.IsFrame)
            {
                ((IDisposable)read.value).Dispose();
            }
        }
    }
}
