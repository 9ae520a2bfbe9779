using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Scenarios.Proxy;

/// <summary>
/// The sending half of one direction: reads messages, applies the planned faults and puts them on the cable.
/// </summary>
internal sealed class Relay(
    ProxiedConnection connection,
    Direction direction,
    Agreement agreed,
    FaultPlan plan,
    DelayLine cable,
    FaultCounters counters)
{
    // Connections that share a cable alternate in units of this size.
    private const int Chunk = 16 * 1024;

    private readonly MessageFinder finder = new(direction, agreed);
    private readonly ArrayBufferWriter<byte> copy = new();
    private InjectedFault fault;
    private long length;
    private long passed;

    /// <summary>Runs until the sender or the connection ends.</summary>
    public async Task RunAsync(NetworkStream from, ChannelWriter<ProxiedChunk> road, CancellationToken cancel)
    {
        try
        {
            await TakeInAsync(from, road, cancel);
            await road.WriteAsync(EndNow(Ending.Finished), cancel);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            road.TryWrite(EndNow(Ending.Reset));
        }
        catch (OperationCanceledException)
        {
            // The connection has ended.
        }
        finally
        {
            road.TryComplete();
        }
    }

    private async Task TakeInAsync(NetworkStream from, ChannelWriter<ProxiedChunk> road, CancellationToken cancel)
    {
        var input = PipeReader.Create(from, new StreamPipeReaderOptions(bufferSize: 4 * Chunk));
        try
        {
            for (var isLast = false; !isLast;)
            {
                var read = await input.ReadAsync(cancel);
                var rest = read.Buffer;
                isLast = read.IsCompleted;
                while (!rest.IsEmpty && (passed < length || Begin(rest, isLast)))
                {
                    var piece = rest.Slice(0, Math.Min(Math.Min(length - passed, rest.Length), Chunk));
                    await PassAsync(piece, road, cancel);
                    rest = rest.Slice(piece.End);
                }

                input.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    /// <summary>
    /// Begins the next message once enough of it has arrived to determine its length; at the end of the input, with
    /// what there is.
    /// </summary>
    private bool Begin(ReadOnlySequence<byte> bytes, bool isLast)
    {
        if ((finder.Length(bytes) ?? (isLast ? bytes.Length : null)) is not { } found)
        {
            return false;
        }

        (length, passed) = (found, 0);
        fault = plan.Next(length);
        counters.Count(fault);
        copy.ResetWrittenCount();
        if (fault.Kind == FaultKind.BlackHole)
        {
            connection.Swallows = true;
        }

        return true;
    }

    private async ValueTask PassAsync(
        ReadOnlySequence<byte> piece, ChannelWriter<ProxiedChunk> road, CancellationToken cancel)
    {
        var start = passed;
        passed += piece.Length;
        var ends = passed == length;
        counters.Bytes(direction, piece.Length);
        var hit = fault.Offset >= start && fault.Offset < passed;
        if (connection.Swallows)
        {
            return;
        }

        if (hit && fault.Kind is FaultKind.CutByClose or FaultKind.CutByReset)
        {
            await SendAsync(piece.Slice(0, fault.Offset - start), false, road, cancel);
            var how = fault.Kind == FaultKind.CutByReset ? Ending.Reset : Ending.Closed;
            await road.WriteAsync(EndNow(how), cancel);
            connection.Swallows = true;
            return;
        }

        if (hit && fault.Kind == FaultKind.Flip)
        {
            var bytes = piece.ToArray();
            bytes[fault.Offset - start] ^= (byte)(1 << fault.Bit);
            piece = new ReadOnlySequence<byte>(bytes);
        }

        await SendAsync(piece, ends && fault.Kind == FaultKind.Join, road, cancel);
        if (fault.Kind == FaultKind.Duplicate)
        {
            foreach (var part in piece)
            {
                copy.Write(part.Span);
            }

            if (ends)
            {
                await SendAsync(new ReadOnlySequence<byte>(copy.WrittenMemory), false, road, cancel);
            }
        }
    }

    private ProxiedChunk EndNow(Ending how) => new(cable.Put(0).Arrived, [], End: how);

    private async ValueTask SendAsync(
        ReadOnlySequence<byte> bytes, bool join, ChannelWriter<ProxiedChunk> road, CancellationToken cancel)
    {
        if (!bytes.IsEmpty)
        {
            var (left, arrived) = cable.Put((int)bytes.Length);
            await road.WriteAsync(new ProxiedChunk(arrived, bytes.ToArray(), join), cancel);
            await DelayLine.Until(left, cancel);
        }
    }
}
