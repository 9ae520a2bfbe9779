using System.Diagnostics;
using System.Threading.Channels;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>Limits how many images are recognised at once, and how many may wait.</summary>
/// <param name="Lanes">Executor threads, each with one image at a time; at least 1.</param>
/// <param name="Queue">Images that wait in the queue, at least 1; further callers wait for room in it.</param>
/// <param name="Limits">The limits for one image.</param>
public sealed record RecognizerOptions(int Lanes, int Queue, ImagingLimits Limits)
{
    // A multiple of the processor-time limit: on a busy machine a thread gets a fraction of a processor.
    private const int Overrun = 5;

    /// <summary>The time that one executor may be busy with one image before the process counts as hung.</summary>
    public TimeSpan MaxRun => Limits.MaxTime * Overrun;

    /// <summary>
    /// How long an expensive image waits for other expensive ones before it is refused as busy. Together with the four
    /// seconds that each may take, it ends within a web node's ten. If infinite, the executor waits and refuses none.
    /// </summary>
    public TimeSpan CostlyPatience { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>One executor for each core, a queue of 64, the standard limits.</summary>
    public static RecognizerOptions Standard { get; } = new(Environment.ProcessorCount, 64, ImagingLimits.Standard);
}

/// <summary>
/// The recognition service inside a process: executors on their own threads behind one bounded queue, in order of
/// arrival. Only one executor decodes an expensive image; further ones wait in a short queue, while the other
/// executors continue with cheap images. Thread-safe.
/// </summary>
public sealed class Recognizer : IDisposable
{
    private const int CostlyLine = 16;

    private readonly Network network;
    private readonly TimeSpan patience;
    private readonly LargeImageGate turn;
    private readonly Channel<Job> costly = Channel.CreateBounded<Job>(CostlyLine);
    private readonly Channel<Job> queue;

    // One count for each queued job. Waiting on the channel itself would allocate on the executor's thread.
    private readonly SemaphoreSlim queued = new(0);
    private readonly Thread[] threads;

    // The time at which each executor began its image; 0 while it waits for one.
    private readonly long[] begun;
    private long lastSuccess;

    private Recognizer(Network network, RecognizerOptions options)
    {
        this.network = network;
        queue = Channel.CreateBounded<Job>(options.Queue);
        patience = options.CostlyPatience;
        turn = new LargeImageGate(waits: patience == Timeout.InfiniteTimeSpan);
        var lanes = Enumerable.Range(0, options.Lanes).Select(_ => new InferenceWorker(network, options.Limits, turn)).ToList();
        WarmUp(lanes);
        lastSuccess = Stopwatch.GetTimestamp();
        begun = new long[lanes.Count];
        threads = [.. lanes.Select(Start)];
    }

    /// <summary>The number of images that wait for an executor.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>The <see cref="Stopwatch"/> timestamp of the last success, warm-up included.</summary>
    public long LastSuccess => Volatile.Read(ref lastSuccess);

    /// <summary>The time that the slowest executor has been busy with its image; 0 if all are idle.</summary>
    public TimeSpan LongestRun
    {
        get
        {
            var longest = TimeSpan.Zero;
            for (var i = 0; i < begun.Length; i++)
            {
                var run = Volatile.Read(ref begun[i]) is var since and not 0 ? Stopwatch.GetElapsedTime(since) : TimeSpan.Zero;
                longest = run > longest ? run : longest;
            }

            return longest;
        }
    }

    /// <summary>Creates a recogniser that is warmed up and owns <paramref name="network"/>.</summary>
    public static Recognizer Create(Network network, RecognizerOptions options) => new(network, options);

    /// <summary>
    /// Waits for room in the queue and for an executor. <paramref name="picture"/> must not change until the task ends,
    /// even if it is cancelled.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before an executor began with it.</exception>
    /// <exception cref="ObjectDisposedException">The recogniser is closed.</exception>
    public Task<RecognitionResult> RecognizeAsync(
        ReadOnlyMemory<byte> picture, RecognizeOptions wishes, CancellationToken cancel = default)
    {
        var job = new Job(picture, wishes, cancel);
        if (!queue.Writer.TryWrite(job))
        {
            return WaitOutsideAsync(job, cancel);
        }

        queued.Release();
        return job.Task;
    }

    /// <summary>Recognizes an image with the plain options and blocks the calling thread.</summary>
    public RecognitionResult Recognize(ReadOnlyMemory<byte> picture) =>
        RecognizeAsync(picture, RecognizeOptions.Plain).GetAwaiter().GetResult();

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

        network.Dispose();
        turn.Dispose();
        queued.Dispose();
    }

    /// <summary>
    /// Runs a generated image through the first executor, which loads the decoder and compiles the whole path; the
    /// other executors need only their buffers.
    /// </summary>
    private static void WarmUp(List<InferenceWorker> lanes)
    {
        _ = lanes[0].Recognize(Vips.BlankJpeg(), RecognizeOptions.Plain, TimeSpan.Zero);
        foreach (var lane in lanes.Skip(1))
        {
            lane.WarmUp();
        }
    }

    private async Task<RecognitionResult> WaitOutsideAsync(Job job, CancellationToken cancel)
    {
        try
        {
            await queue.Writer.WriteAsync(job, cancel).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(Recognizer));
        }

        queued.Release();
        return await job.Task.ConfigureAwait(false);
    }

    private Thread Start(InferenceWorker lane, int index)
    {
        var thread = new Thread(() => Work(lane, index)) { IsBackground = true, Name = $"executor {index}" };
        thread.Start();
        return thread;
    }

    private void Work(InferenceWorker lane, int index)
    {
        using (lane)
        {
            // At the end of the queue every executor gets one release without a job.
            for (queued.Wait(); queue.Reader.TryRead(out var job); queued.Wait())
            {
                Run(job, lane, index);
                // Runs expensive images that became ready when the gate was released.
                while (turn.IsFree && costly.Reader.TryRead(out var next))
                {
                    Run(next, lane, index);
                }
            }
        }
    }

    private void Run(Job job, InferenceWorker lane, int index)
    {
        Volatile.Write(ref begun[index], Stopwatch.GetTimestamp());
        if (job.Run(lane, costly.Writer, patience))
        {
            Volatile.Write(ref lastSuccess, Stopwatch.GetTimestamp());
        }

        Volatile.Write(ref begun[index], 0);
    }

    private sealed class Job(ReadOnlyMemory<byte> picture, RecognizeOptions wishes, CancellationToken cancel)
        : TaskCompletionSource<RecognitionResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private static readonly RecognitionResult TooLate = new RecognitionResult.Refused(
            new ImageRefusal(RefusalReason.Busy, "it waited too long behind others that cost as much"));

        private readonly long begun = Stopwatch.GetTimestamp();
        private bool waitsForCostly;

        /// <summary>
        /// Returns whether the image was classified. An expensive one waits in <paramref name="line"/> while another is
        /// decoded; if that queue is full, or the image waited longer than <paramref name="patience"/>, it is refused.
        /// </summary>
        public bool Run(InferenceWorker lane, ChannelWriter<Job> line, TimeSpan patience)
        {
            if (cancel.IsCancellationRequested)
            {
                SetCanceled(cancel);
                return false;
            }

            try
            {
                var waited = Stopwatch.GetElapsedTime(begun);
                var isLate = waitsForCostly && waited > patience;
                var result = isLate ? TooLate : lane.Recognize(picture.Span, wishes, waited);
                if (!isLate && result is RecognitionResult.Refused { Refusal.Reason: RefusalReason.Busy })
                {
                    waitsForCostly = true;
                    if (line.TryWrite(this))
                    {
                        return false;
                    }
                }

                SetResult(result);
                return result is RecognitionResult.Succeeded;
            }
            catch (Exception e)
            {
                // A bug or a broken machine: only this exchange fails and reports it; the executor continues.
                SetException(e);
                return false;
            }
        }
    }
}
