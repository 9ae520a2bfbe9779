namespace Recognition.Client;

/// <summary>Divides pictures into requests.</summary>
internal sealed class PictureBatches(IEnumerable<PictureFile> pictures) : IDisposable
{
    // A quarter of the server's default limit for a request: large pictures then start to be classified earlier, too.
    private const long MostBytes = 64 << 20;

    private readonly IEnumerator<PictureFile> source = pictures.GetEnumerator();
    private readonly Queue<PictureFile> waiting = [];

    // Half of the server's default limit.
    private int mostPictures = 32;

    /// <summary>Returns the pictures of the next request; empty at the end.</summary>
    public PictureFile[] Next()
    {
        List<PictureFile> batch = [];
        var bytes = 0L;
        while (batch.Count < mostPictures && TryPeek(out var picture))
        {
            bytes += picture.Content.Length;
            if (batch.Count > 0 && bytes > MostBytes)
            {
                break;
            }

            batch.Add(waiting.Dequeue());
        }

        return [.. batch];
    }

    /// <summary>Takes pictures back, to be sent again.</summary>
    public void Return(IEnumerable<PictureFile> unanswered)
    {
        PictureFile[] later = [.. waiting];
        waiting.Clear();
        foreach (var picture in unanswered.Concat(later))
        {
            waiting.Enqueue(picture);
        }
    }

    /// <summary>Sends at most this many pictures, 1 or more, in each further request.</summary>
    public void Limit(int most) => mostPictures = Math.Max(1, most);

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    private bool TryPeek(out PictureFile picture)
    {
        if (waiting.Count == 0 && source.MoveNext())
        {
            waiting.Enqueue(source.Current);
        }

        return waiting.TryPeek(out picture!);
    }
}
