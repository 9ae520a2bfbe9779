using Worker.Imaging;

namespace Recognize.Naming;

/// <summary>What became of one picture.</summary>
internal abstract record NamingResult
{
    private NamingResult()
    {
    }

    /// <summary>It was named.</summary>
    /// <param name="Answer">What it shows.</param>
    /// <param name="Picture">Its bytes, for the map to be laid over.</param>
    public sealed record Named(Answer Answer, ReadOnlyMemory<byte> Picture) : NamingResult;

    /// <summary>This one can't be named; the others may be.</summary>
    /// <param name="Reason">In words that follow the picture's name, without a full stop.</param>
    public sealed record Refused(string Reason) : NamingResult;

    /// <summary>None can be named any more.</summary>
    /// <param name="Reason">One or two sentences for a person.</param>
    public sealed record Stopped(string Reason) : NamingResult;

    /// <summary>For what begins like none of the formats.</summary>
    public static Refused NoPicture { get; } = new("is no JPEG, PNG, WebP or GIF picture");
}

/// <summary>Whoever can name pictures, several at once.</summary>
internal interface INamer : IDisposable
{
    /// <summary>Names what is in <paramref name="picture"/>, which begins like one of the formats.</summary>
    Task<NamingResult> NameAsync(ReadOnlyMemory<byte> picture, ImageFormat format, CancellationToken cancel);
}
