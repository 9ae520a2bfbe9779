using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Scenarios.Nodes;
using Protocol.Core;

namespace Scenarios.Traffic;

/// <summary>One exchange with a worker, directly and without a web node.</summary>
public static class PlainClient
{
    /// <summary>Returns the five most probable classes of <paramref name="image"/>.</summary>
    /// <exception cref="InvalidDataException">The worker's answer is invalid.</exception>
    public static async Task<Prediction[]> AskAsync(Place place, IPEndPoint worker, ReadOnlyMemory<byte> image)
    {
        var bytes = new ReadOnlySequence<byte>(image);
        using var socket = place.NewSocket();
        await socket.ConnectAsync(worker);
        await SendAsync(socket, Message.NewSize(MessageModule.payloadLength(ParametersModule.none, bytes), ParametersModule.none));
        await ExpectAckAsync(socket);
        await SendAsync(socket, Message.NewImage(bytes, ParametersModule.none));
        await ExpectAckAsync(socket);
        var said = await ResultAsync(socket);
        await SendAsync(socket, Message.Ack);
        return said;
    }

    private static async Task SendAsync(Socket socket, Message message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        MessageModule.write(buffer, message);
        for (var rest = buffer.WrittenMemory; !rest.IsEmpty;)
        {
            rest = rest[await socket.SendAsync(rest)..];
        }
    }

    private static async Task ExpectAckAsync(Socket socket)
    {
        var answer = new byte[1];
        if (await socket.ReceiveAsync(answer) != 1 || answer[0] != (byte)'A')
        {
            throw new InvalidDataException("The worker does not accept the message.");
        }
    }

    private static async Task<Prediction[]> ResultAsync(Socket socket)
    {
        var bytes = new byte[Limits.Standard.MaxResult];
        for (var length = 0; length < bytes.Length;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(length));
            if (more == 0)
            {
                break;
            }

            length += more;
            var held = new ReadOnlySequence<byte>(bytes, 0, length);
            var read = ResultReader.read(Limits.Standard.MaxResult, ParametersModule.none, held);
            if (read.IsFrame && PredictionModule.tryRead(read.value) is { IsOk: true } said)
            {
                return said.ResultValue;
            }
        }

        throw new InvalidDataException("The worker's result can't be read.");
    }
}
