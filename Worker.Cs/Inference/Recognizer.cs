using System.Diagnostics;
using System.Threading.Channels;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>How many pictures are recognised at once, and how many may wait.</summary>
/// <param name="Lanes">Threads, each with a picture of its own; at least 1.</param>
/// <param name="Queue">Pictures that wait for a lane; who comes then waits outside, at least 1.</param>
/// <param name="Limits">What a picture may cost.</param>
public sealed record RecognizerOptions(int Lanes, int Queue, ImagingLimits Limits)
{
    // Of the limit of processor time: a busy machine gives a thread a fraction of a processor.
    private const int Overrun = 5;

    /// <summary>The time that one lane may be busy with one image before the process is taken to hang.</summary>
    public TimeSpan MaxRun => Limits.MaxTime * Overrun;

    /// <summary>
    /// How long a picture that costs much waits for others that do before it is refused as busy. With the four seconds that
    /// each may cost, it is over within the ten that a web node gives it. Infinite: its lane waits, and none is refused.
    /// </summary>
    public TimeSpan CostlyPatience { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A lane for each core, 64 waiting, the standard limits.</summary>
    public static RecognizerOptions Standard { get; } = new(Environment.ProcessorCount, 64, ImagingLimits.Standard);
}

/// <summary>
/// The recognition service inside a process: lanes on threads of their own behind one bounded queue, in the order of
/// arrival, but for pictures that cost much: one lane has one of them, and the next ones wait in a short line for it, while
/// the other lanes go on with what costs little. Safe for use by many threads at once.
/// </summary>
public sealed class Recognizer : IDisposable
{
    private const int CostlyLine = 16;

    private readonly Network network;
    private readonly TimeSpan patience;
    private readonly LargeImageGate turn;
    private readonly Channel<Job> costly = Channel.CreateBounded<Job>(CostlyLine);
    private readonly Channel<Job> queue;

    // As many as there are jobs in the queue; a lane's thread that waited on the channel itself would make objects for it.
    private readonly SemaphoreSlim queued = new(0);
    private readonly Thread[] threads;

    // When each lane began with its image; 0 while it waits for one.
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

    /// <summary>How many pictures wait for a lane.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>When a picture was last named, the one of the warming up included: a <see cref="Stopwatch"/> timestamp.</summary>
    public long LastSuccess => Volatile.Read(ref lastSuccess);

    /// <summary>The time that the slowest lane has been busy with its image; 0 where all wait.</summary>
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

    /// <summary>Ready to answer when it returns. Owns <paramref name="network"/> from then on.</summary>
    public static Recognizer Create(Network network, RecognizerOptions options) => new(network, options);

    /// <summary>
    /// Waits for room in the queue and for a lane. <paramref name="picture"/> must stay as it is until the task ends,
    /// a cancelled one included.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before a lane began with it.</exception>
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

    /// <summary><see cref="RecognizeAsync"/> for a caller with a thread to spare, and no wishes.</summary>
    public RecognitionResult Recognize(ReadOnlyMemory<byte> picture) =>
        RecognizeAsync(picture, RecognizeOptions.Plain).GetAwaiter().GetResult();

    /// <summary>Finishes what is queued and ends the lanes.</summary>
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
    /// A drawn picture through the first lane loads the decoder and compiles the whole path; the others need only
    /// their buffers.
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
        var thread = new Thread(() => Work(lane, index)) { IsBackground = true, Name = $"lane {index}" };
        thread.Start();
        return thread;
    }

    private void Work(InferenceWorker lane, int index)
    {
        using (lane)
        {
            // The end of the queue is told to every lane like a job.
            for (queued.Wait(); queue.Reader.TryRead(out var job); queued.Wait())
            {
                Run(job, lane, index);
                // Whoever gave the turn back, or came too late to see that, looks here.
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
        /// Whether the picture was named. One that costs much while another such one is decoded goes into the line for
        /// those; where that is full, or it waited long enough, it is refused.
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
                // A bug or a broken machine: the one exchange fails, its waiter says so, the lane goes on.
                SetException(e);
                return false;
            }
        }
    }
}
