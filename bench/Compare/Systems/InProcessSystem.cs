using System.Diagnostics;
using Load.Pictures;
using Load.Running;
using Worker.Imaging;
using Worker.Inference;

namespace Compare.Systems;

/// <summary>
/// Runs the worker's preprocessing and ONNX Runtime in this process, one thread per core, without a network.
/// </summary>
internal sealed record InProcessSystem : ComparedSystem, IDisposable
{
    private readonly Network network;
    private readonly InferenceWorker[] workers;

    public InProcessSystem(Network network)
        : base('a', "bare loop in one process")
    {
        this.network = network;
        workers =
        [
            .. Enumerable.Range(0, Environment.ProcessorCount).Select(
                _ => new InferenceWorker(network, ImagingLimits.Standard))
        ];
    }

    /// <inheritdoc/>
    public override async Task<Window> MeasureAsync(Picture picture, int clients, TimeSpan before, TimeSpan span)
    {
        var begin = Stopwatch.GetTimestamp() + (long)(before.TotalSeconds * Stopwatch.Frequency);
        var end = begin + (long)(span.TotalSeconds * Stopwatch.Frequency);
        var loops = workers.Take(clients).Select(worker => Task.Factory.StartNew(
            () => Loop(worker, picture, begin, end), TaskCreationOptions.LongRunning));
        var windows = await Task.WhenAll(loops);
        // The loops run in parallel: their answers add up, their time does not.
        return Window.Sum(windows) with { Elapsed = span };
    }

    public void Dispose()
    {
        foreach (var worker in workers)
        {
            worker.Dispose();
        }

        network.Dispose();
    }

    private static Window Loop(InferenceWorker worker, Picture picture, long begin, long end)
    {
        var latencies = Window.NewHistogram();
        for (var now = Stopwatch.GetTimestamp(); now < end;)
        {
            if (
                worker.Recognize(
                    picture.Bytes, RecognizeOptions.Default, TimeSpan.Zero) is not RecognitionResult.Succeeded)
            {
                throw new InvalidOperationException($"{picture.Name} can't be decoded.");
            }

            var then = Stopwatch.GetTimestamp();
            if (now >= begin && then <= end)
            {
                Window.Record(latencies, Stopwatch.GetElapsedTime(now, then));
            }

            now = then;
        }

        return new Window(
            Stopwatch.GetElapsedTime(begin, end),
            latencies,
            new Dictionary<string, long>(),
            latencies.TotalCount,
            new Cost(0, 1, null, TimeSpan.Zero));
    }
}
