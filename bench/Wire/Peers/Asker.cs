using System.Buffers;
using System.Diagnostics;
using System.Net;
using Bench.Load;
using Microsoft.Extensions.Configuration;
using Protocol.Core;
using Web.Giraffe;
using Picture = Bench.Load.Picture;

namespace Wire.Peers;

/// <summary>The web node's own client of one worker, offering one of the two exchanges.</summary>
public sealed class Asker : IDisposable
{
    private readonly WorkerClient client;
    private readonly WorkerAddress worker;
    private readonly TimeSpan span;

    /// <summary>A client of its own, with its own connections.</summary>
    /// <param name="worker">Where it, or its proxy, listens.</param>
    /// <param name="mode">Which exchange.</param>
    public Asker(IPEndPoint worker, ExchangeMode mode)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Client:Exchange", mode.ToString()), new("Registry:Path", "")])
            .Build();
        var read = WorkersSettingsModule.read(configuration);
        var settings = read.IsOk ? read.ResultValue.Client : throw new InvalidOperationException(string.Join(' ', read.ErrorValue));
        client = new WorkerClient(settings, TimeProvider.System);
        this.worker = new WorkerAddress(worker.Address.ToString(), worker.Port, isTls: false);
        span = settings.Exchange;
    }

    /// <summary>How long the answer took.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is not the right one.</exception>
    public async Task<TimeSpan> AskAsync(Picture picture)
    {
        var began = Stopwatch.GetTimestamp();
        await RecognizeAsync(picture);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>What the worker says, its own times included where the exchange has them.</summary>
    /// <exception cref="InvalidDataException">There is no answer, or it is not the right one.</exception>
    public async Task<Recognition> RecognizeAsync(Picture picture)
    {
        if (client.Capabilities(worker).IsUnknown)
        {
            await client.Negotiate(worker);
        }

        var outcome = await client.Ask(worker, new ReadOnlySequence<byte>(picture.Bytes), ClassifyOptions.None, span, CancellationToken.None);
        if (outcome is not Outcome.Replied { Item: Reply.Succeeded { Item: var said } })
        {
            throw new InvalidDataException($"{picture.Name} got no answer: {outcome}");
        }

        return picture.IsRight(RecognitionModule.predictions(said))
            ? said
            : throw new InvalidDataException($"{picture.Name} got another answer: {said}");
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)client).Dispose();
}
