using System.Diagnostics;
using System.Threading.Channels;
using Worker.Imaging;

namespace Worker.Inference;

/// <summary>An image in the queue. It holds a lease on its model until its result is set.</summary>
internal sealed class RecognitionJob(
    ReadOnlyMemory<byte> picture, RecognizeOptions options, LoadedModel model, CancellationToken cancel)
    : TaskCompletionSource<RecognitionResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private static readonly RecognitionResult TooLate = new RecognitionResult.Refused(
        new ImageRefusal(RefusalReason.Busy, "The worker is busy with other large images. Try again."));

    private readonly long begun = Stopwatch.GetTimestamp();
    private bool waitsForGate;

    /// <summary>
    /// Returns whether the image was classified. An expensive one waits in <paramref name="line"/> while another is
    /// decoded; if that queue is full, or the image waited longer than <paramref name="timeout"/>, it is refused.
    /// </summary>
    public bool Run(ChannelWriter<RecognitionJob> line, TimeSpan timeout)
    {
        if (cancel.IsCancellationRequested)
        {
            model.Release();
            SetCanceled(cancel);
            return false;
        }

        try
        {
            var waited = Stopwatch.GetElapsedTime(begun);
            var isLate = waitsForGate && waited > timeout;
            var result = isLate ? TooLate : Recognize(waited);
            if (!isLate && result is RecognitionResult.Refused { Refusal.Reason: RefusalReason.Busy })
            {
                waitsForGate = true;
                if (line.TryWrite(this))
                {
                    return false;
                }
            }

            model.Release();
            SetResult(result);
            return result is RecognitionResult.Succeeded;
        }
        catch (Exception e)
        {
            // A bug or a broken machine: only this exchange fails and reports it; the executor continues.
            model.Release();
            SetException(e);
            return false;
        }
    }

    /// <summary>Ends a job that never reached the queue.</summary>
    public void Abandon() => model.Release();

    private RecognitionResult Recognize(TimeSpan waited)
    {
        var worker = model.Rent();
        var result = worker.Recognize(picture.Span, options, waited);
        model.Return(worker);
        return result;
    }
}
