using System.Buffers;
using Load.Pictures;
using Protocol.Core;

namespace Load.Targets;

/// <summary>
/// A picture's messages as sent on the wire. They are built once, to keep the generator's cost per request low.
/// </summary>
internal sealed class EncodedPicture
{
    private static readonly byte[] Ack = "A"u8.ToArray();

    private readonly byte[] size;
    private readonly byte[][] image;

    public EncodedPicture(Picture picture, Parameters parameters)
    {
        Bytes = picture.Bytes;
        var bytes = new ReadOnlySequence<byte>(Bytes);
        size = Written(Message.NewSize(MessageModule.payloadLength(parameters, bytes), parameters));
        if (parameters.Raw)
        {
            var (head, tail) = MessageModule.frameRaw(bytes, parameters);
            image = [head, picture.Bytes, tail];
        }
        else
        {
            image = [Written(Message.NewImage(bytes, parameters))];
        }
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Appends the bytes of <paramref name="message"/> to <paramref name="pieces"/>.</summary>
    public void AddTo(List<ArraySegment<byte>> pieces, Message message)
    {
        switch (message)
        {
            case Message.Size:
                pieces.Add(size);
                break;
            case Message.Image:
                pieces.AddRange(image.Select(piece => new ArraySegment<byte>(piece)));
                break;
            default:
                pieces.Add(message.IsAck ? Ack : Written(message));
                break;
        }
    }

    private static byte[] Written(Message message)
    {
        var writer = new ArrayBufferWriter<byte>();
        MessageModule.write(writer, message);
        return writer.WrittenSpan.ToArray();
    }
}
