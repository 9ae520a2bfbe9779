using Recognition.Client;

namespace Recognize.Classifiers;

/// <summary>The result for one picture.</summary>
internal abstract record ClassificationResult
{
    private ClassificationResult()
    {
    }

    /// <summary>The picture was classified.</summary>
    /// <param name="Answer">The response, as from the API.</param>
    /// <param name="Picture">The picture's bytes, for the heat map.</param>
    public sealed record Succeeded(Classification Answer, ReadOnlyMemory<byte> Picture) : ClassificationResult;

    /// <summary>This picture can't be classified; others may be.</summary>
    /// <param name="Reason">Words that follow the picture's name, without a full stop.</param>
    public sealed record Refused(string Reason) : ClassificationResult;

    /// <summary>No further picture can be classified.</summary>
    /// <param name="Reason">One or two sentences for the user.</param>
    public sealed record Stopped(string Reason) : ClassificationResult;
}

/// <summary>Classifies pictures; safe for concurrent calls.</summary>
internal interface IClassifier : IDisposable
{
    /// <summary>Classifies <paramref name="picture"/>, which has a supported format.</summary>
    Task<ClassificationResult> ClassifyAsync(ReadOnlyMemory<byte> picture, string mediaType, CancellationToken cancel);
}
