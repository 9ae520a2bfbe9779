using Protocol.Core;

namespace Scenarios.Wire.Damage;

/// <summary>The message of an exchange to damage.</summary>
internal enum DamagedMessage
{
    /// <summary>The size and its parameters.</summary>
    Size,

    /// <summary>The picture.</summary>
    Image,

    /// <summary>The predictions.</summary>
    Result,

    /// <summary>The first <c>A</c>, or the last.</summary>
    Answer,
}

/// <summary>Flips two different random bits of the first message of one kind.</summary>
internal sealed class BitFlipper(DamagedMessage target, Random random)
{
    // The A's of an exchange: the worker's, or the client's, which is the last one.
    private int spared = target == DamagedMessage.Answer ? random.Next(2) : 0;
    private bool done;

    /// <summary>Returns the message as it arrives.</summary>
    public byte[] Pass(Message message, ReadOnlySpan<byte> bytes)
    {
        var arrives = bytes.ToArray();
        if (done || Kind(message) != target || spared-- > 0)
        {
            return arrives;
        }

        done = true;
        var bits = arrives.Length * 8;
        var first = random.Next(bits);
        var second = random.Next(bits - 1);
        second += second >= first ? 1 : 0;
        arrives[first / 8] ^= (byte)(1 << (first % 8));
        arrives[second / 8] ^= (byte)(1 << (second % 8));
        return arrives;
    }

    private static DamagedMessage? Kind(Message message) => message switch
    {
        Message.Size => DamagedMessage.Size,
        Message.Image => DamagedMessage.Image,
        Message.Result => DamagedMessage.Result,
        _ => message.IsAck ? DamagedMessage.Answer : null,
    };
}
