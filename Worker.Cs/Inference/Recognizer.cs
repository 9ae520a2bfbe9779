using System.Diagnostics;
using System.Threading.Channels;
using Protocol.Core;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>
/// The recognition service inside a process: executors on their own threads behind one bounded queue, in order of
/// arrival, for all models. Only one executor decodes an expensive image; further ones wait in a short queue, while the
/// other executors continue with cheap images. Thread-safe.
/// </summary>
public sealed class Recognizer : IDisposable
{
    private const int LargeImageQueueLength = 16;

    private readonly TimeSpan timeout;
    private readonly RecognizerOptions options;
    private readonly LargeImageGate gate;
    private readonly Channel<RecognitionJob> largeImages = Channel.CreateBounded<RecognitionJob>(LargeImageQueueLength);
    private readonly Channel<RecognitionJob> queue;

    // One count for each queued job. Waiting on the channel itself would allocate on the executor's thread.
    private readonly SemaphoreSlim queued = new(0);
    private readonly Thread[] threads;

    // The time at which each executor began its image; 0 while it waits for one.
    private readonly long[] begun;
    private long lastSuccess;
    private long busyTicks;

    private Recognizer(string defaultModel, RecognizerOptions options)
    {
        this.options = options;
        Models = new ModelRegistry(defaultModel, options.Executors);
        queue = Channel.CreateBounded<RecognitionJob>(options.Queue);
        timeout = options.LargeImageTimeout;
        gate = new LargeImageGate(waits: timeout == Timeout.InfiniteTimeSpan);
        lastSuccess = Stopwatch.GetTimestamp();
        begun = new long[options.Executors];
        threads = [.. Enumerable.Range(0, options.Executors).Select(Start)];
    }

    /// <summary>The number of images that wait for an executor.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>The number of images that can be recognized at once.</summary>
    public int Executors => begun.Length;

    /// <summary>The number of executors that are busy with an image.</summary>
    public int BusyExecutors
    {
        get
        {
            var busy = 0;
            for (var i = 0; i < begun.Length; i++)
            {
                busy += Volatile.Read(ref begun[i]) == 0 ? 0 : 1;
            }

            return busy;
        }
    }

    /// <summary>The time that executors have been busy with finished images, over all executors.</summary>
    public TimeSpan BusyTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref busyTicks));

    /// <summary>The <see cref="Stopwatch"/> timestamp of the last success, the start included.</summary>
    public long LastSuccess => Volatile.Read(ref lastSuccess);

    /// <summary>The time that the slowest executor has been busy with its image; 0 if all are idle.</summary>
    public TimeSpan LongestRun
    {
        get
        {
            var longest = TimeSpan.Zero;
            for (var i = 0; i < begun.Length; i++)
            {
                var since = Volatile.Read(ref begun[i]);
                var run = since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since);
                longest = run > longest ? run : longest;
            }

            return longest;
        }
    }

    /// <summary>The models in service.</summary>
    internal ModelRegistry Models { get; }

    /// <summary>Creates a recognizer without models; <paramref name="defaultModel"/> is the default's id.</summary>
    public static Recognizer Create(string defaultModel, RecognizerOptions options) => new(defaultModel, options);

    /// <summary>Creates a recognizer that is warmed up and owns its only model.</summary>
    public static Recognizer Create(Network network, RecognizerOptions options)
    {
        var recognizer = new Recognizer(network.Manifest.Id, options);
        recognizer.Add(network, "");
        return recognizer;
    }

    /// <summary>
    /// Warms up <paramref name="network"/> and puts it into service in place of the version before it, which finishes
    /// its requests. <paramref name="digest"/> identifies the model's files and manifest.
    /// </summary>
    public void Add(Network network, string digest)
    {
        var model = new LoadedModel(network, digest, options.Limits, gate);
        model.WarmUp(options.Executors);
        Models.Publish(model);
    }

    /// <summary>
    /// Waits for room in the queue and for an executor. <paramref name="picture"/> must not change until the task ends,
    /// even if it is cancelled.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before an executor began with it.</exception>
    /// <exception cref="ObjectDisposedException">The recognizer is closed.</exception>
    public Task<RecognitionResult> RecognizeAsync(
        ReadOnlyMemory<byte> picture, RecognizeOptions options, CancellationToken cancel = default)
    {
        if (!Models.TryLease(options.Model, out var model))
        {
            return Task.FromResult<RecognitionResult>(new RecognitionResult.Refused(NoSuchModel(options.Model)));
        }

        var job = new RecognitionJob(picture, options, model, cancel);
        if (!queue.Writer.TryWrite(job))
        {
            return WaitOutsideAsync(job, cancel);
        }

        queued.Release();
        return job.Task;
    }

    /// <summary>Recognizes an image with the plain options and blocks the calling thread.</summary>
    public RecognitionResult Recognize(ReadOnlyMemory<byte> picture) =>
        RecognizeAsync(picture, RecognizeOptions.Default).GetAwaiter().GetResult();

    /// <summary>Finishes the queued images and ends the executors.</summary>
    public void Dispose()
    {
        if (!queue.Writer.TryComplete())
        {
            return;
        }

        queued.Release(threads.Length);
        foreach (var thread in threads)
        {
            thread.Join();
        }

        Models.Dispose();
        gate.Dispose();
        queued.Dispose();
    }

    private ImageRefusal NoSuchModel(ModelName? name) => new(
        RefusalReason.NoSuchModel,
        $"This worker has no model '{name?.ToString() ?? Models.DefaultModel}'; it has: {Models.Names()}");

    private async Task<RecognitionResult> WaitOutsideAsync(RecognitionJob job, CancellationToken cancel)
    {
        try
        {
            await queue.Writer.WriteAsync(job, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            job.Abandon();
            throw e is ChannelClosedException ? new ObjectDisposedException(nameof(Recognizer)) : e;
        }

        queued.Release();
        return await job.Task.ConfigureAwait(false);
    }

    private Thread Start(int index)
    {
        var thread = new Thread(() => Work(index)) { IsBackground = true, Name = $"executor {index}" };
        thread.Start();
        return thread;
    }

    private void Work(int index)
    {
        // At the end of the queue every executor gets one release without a job.
        for (queued.Wait(); queue.Reader.TryRead(out var job); queued.Wait())
        {
            Run(job, index);
            // Runs expensive images that became ready when the gate was released.
            while (gate.IsFree && largeImages.Reader.TryRead(out var next))
            {
                Run(next, index);
            }
        }
    }

    private void Run(RecognitionJob job, int index)
    {
        Volatile.Write(ref begun[index], Stopwatch.GetTimestamp());
        if (job.Run(largeImages.Writer, timeout))
        {
            Volatile.Write(ref lastSuccess, Stopwatch.GetTimestamp());
        }

        Interlocked.Add(ref busyTicks, Stopwatch.GetTimestamp() - begun[index]);
        Volatile.Write(ref begun[index], 0);
    }
}
