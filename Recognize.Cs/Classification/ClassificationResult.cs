namespace Recognize.Classification;

/// <summary>What became of one picture.</summary>
internal abstract record ClassificationResult
{
    private ClassificationResult()
    {
    }

    /// <summary>It was named.</summary>
    /// <param name="Answer">What it shows.</param>
    /// <param name="Picture">Its bytes, for the map to be laid over.</param>
    public sealed record Succeeded(Answer Answer, ReadOnlyMemory<byte> Picture) : ClassificationResult;

    /// <summary>This one can't be named; the others may be.</summary>
    /// <param name="Reason">In words that follow the picture's name, without a full stop.</param>
    public sealed record Refused(string Reason) : ClassificationResult;

    /// <summary>None can be named any more.</summary>
    /// <param name="Reason">One or two sentences for a person.</param>
    public sealed record Stopped(string Reason) : ClassificationResult;
}

/// <summary>Whoever can name pictures, several at once.</summary>
internal interface IClassifier : IDisposable
{
    /// <summary>Names what is in <paramref name="picture"/>, which is of a format that is classified.</summary>
    Task<ClassificationResult> NameAsync(ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel);
}
