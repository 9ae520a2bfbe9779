using System.Buffers;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Configuration;
using Protocol.Core;
using Web.Giraffe;

namespace Scenarios.Traffic;

/// <summary>The web node's own client of one worker, limited to one of the two exchanges.</summary>
public sealed class SingleWorkerClient : IDisposable
{
    private readonly WorkerClient client;
    private readonly WorkerAddress worker;
    private readonly TimeSpan span;

    /// <summary>Creates a client with its own connections.</summary>
    /// <param name="worker">The address of the worker or its proxy.</param>
    /// <param name="mode">The exchange.</param>
    public SingleWorkerClient(IPEndPoint worker, ExchangeMode mode)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Client:Exchange", mode.ToString()), new("Registry:Path", "")])
            .Build();
        var read = NodeSettingsModule.read(configuration);
        var settings = read.IsOk
            ? read.ResultValue.Workers.Client
            : throw new InvalidOperationException(string.Join(' ', read.ErrorValue));
        client = new WorkerClient(settings, TimeProvider.System, new ModelDirectory(null, TimeProvider.System));
        this.worker = new WorkerAddress(worker.Address.ToString(), worker.Port, isTls: false);
        span = settings.Exchange;
    }

    /// <summary>Sends a picture and returns the time to the answer.</summary>
    /// <exception cref="InvalidDataException">There is no answer, or it is wrong.</exception>
    public async Task<TimeSpan> TimeAsync(LabelledPicture picture)
    {
        var began = Stopwatch.GetTimestamp();
        await RecognizeAsync(picture);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Returns the worker's answer, with its own times if the exchange has them.</summary>
    /// <exception cref="InvalidDataException">There is no answer, or it is wrong.</exception>
    public async Task<Recognition> RecognizeAsync(LabelledPicture picture)
    {
        if (client.Capabilities(worker).IsUnknown)
        {
            await client.Negotiate(worker);
        }

        var outcome = await client.Send(
            worker, new ReadOnlySequence<byte>(picture.Bytes), ClassifyOptions.None, span, CancellationToken.None);
        if (outcome is not ExchangeOutcome.Succeeded { Item: var said })
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
