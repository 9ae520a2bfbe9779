using System.Buffers;
using Protocol.Core;
using Protocol.Core.Interop;

namespace Scenarios.Wire.Damage;

/// <summary>
/// One exchange between the two real state machines over a network in memory that flips two bits of one message.
/// </summary>
internal sealed class DamagedExchange
{
    private readonly byte[] picture;
    private readonly Parameters parameters;
    private readonly Recognition answer;
    private readonly BitFlipper flipper;
    private readonly Line up = new();
    private readonly Line down = new();
    private ClientState client;
    private WorkerState worker = WorkerProtocol.Start(Limits.Standard);
    private bool recognizing;
    private bool noticed;
    private bool mistaken;
    private bool misled;
    private bool over;

    private DamagedExchange(byte[] picture, Parameters parameters, Recognition answer, BitFlipper flipper)
    {
        (this.picture, this.parameters, this.answer, this.flipper) = (picture, parameters, answer, flipper);
        (client, var effects) = ClientExchange.start(Limits.Standard, parameters, new ReadOnlySequence<byte>(picture));
        Perform(effects);
    }

    /// <summary>Runs it to its end.</summary>
    public static DamageOutcome Run(byte[] picture, Parameters parameters, Recognition answer, BitFlipper flipper)
    {
        var exchange = new DamagedExchange(picture, parameters, answer, flipper);
        while (!exchange.over)
        {
            exchange.Move();
        }

        return exchange.misled
            ? DamageOutcome.Undetected
            : exchange.noticed ? DamageOutcome.Noticed : DamageOutcome.Harmless;
    }

    private void Move()
    {
        if (up.HasNews)
        {
            Step(WorkerEvent.NewReceived(up.Unread));
        }
        else if (down.HasNews)
        {
            Step(ClientEvent.NewReceived(down.Unread));
        }
        else if (recognizing)
        {
            recognizing = false;
            Step(WorkerEvent.NewRecognized(answer));
        }
        else
        {
            // A side that waits for more bytes reports that; if neither side can, the deadline ends the exchange.
            noticed = true;
            if (ClientExchange.idleTimeout(client).IsSome)
            {
                Step(ClientEvent.IdleTimeout);
            }
            else if (WorkerProtocol.TryGetIdleTimeout(worker, out _))
            {
                Step(WorkerEvent.IdleTimeout);
            }
            else
            {
                over = true;
            }
        }
    }

    private void Step(ClientEvent happened)
    {
        (client, var effects) = ClientExchange.step(client, happened);
        Perform(effects);
    }

    private void Step(WorkerEvent happened)
    {
        foreach (var effect in WorkerProtocol.Step(ref worker, happened))
        {
            switch (effect)
            {
                case WorkerEffect.Consume consume:
                    up.Consume(consume.Bytes);
                    break;
                case WorkerEffect.Send send:
                    Put(send.Message, down);
                    break;
                case WorkerEffect.Recognize recognize:
                    recognizing = true;
                    mistaken = !recognize.Image.Memory.Span.SequenceEqual(picture)
                        || !recognize.Parameters.Equals(parameters);
                    ((IDisposable)recognize.Image).Dispose();
                    break;
                case WorkerEffect.Fail:
                    noticed = true;
                    over = true;
                    break;
                default:
                    break;
            }
        }
    }

    private void Perform(IEnumerable<ClientEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case ClientEffect.Consume consume:
                    down.Consume(consume.bytes);
                    break;
                case ClientEffect.Send send:
                    Put(send.Item, up);
                    break;
                case ClientEffect.Finish { Item: var said }:
                    over = true;
                    noticed |= said.IsDeclined;
                    misled = !said.IsDeclined && (mistaken || !IsAnswer(said));
                    break;
                default:
                    noticed = true;
                    over = true;
                    break;
            }
        }
    }

    private bool IsAnswer(ClientAnswer said) =>
        said is ClientAnswer.Recognized { Item: var heard }
        && RecognitionModule.predictions(heard).SequenceEqual(RecognitionModule.predictions(answer))
        && (!parameters.Json || heard.Equals(answer));

    private void Put(Message message, Line line)
    {
        noticed |= message.IsNack;
        var bytes = new ArrayBufferWriter<byte>();
        MessageModule.write(bytes, message);
        line.Put(flipper.Pass(message, bytes.WrittenSpan));
    }

    /// <summary>One direction: the bytes sent and not yet consumed.</summary>
    private sealed class Line
    {
        private byte[] held = [];
        private bool hasNews;

        public bool HasNews => hasNews && held.Length > 0;

        public ReadOnlySequence<byte> Unread
        {
            get
            {
                hasNews = false;
                return new ReadOnlySequence<byte>(held);
            }
        }

        public void Put(byte[] bytes)
        {
            held = [.. held, .. bytes];
            hasNews = true;
        }

        public void Consume(long bytes) => held = held[(int)bytes..];
    }
}
