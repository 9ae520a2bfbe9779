using System.Diagnostics.CodeAnalysis;

namespace Worker;

/// <summary>A value, or the one line that says why there is none: what goes wrong without anybody's bug.</summary>
public abstract record Outcome<T>
    where T : notnull
{
    private Outcome()
    {
    }

    /// <summary>Exactly one of the two is there.</summary>
    public bool Try([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? reason)
    {
        value = this is Ok ok ? ok.Value : default;
        reason = (this as Failed)?.Reason;
        return reason is null;
    }

    /// <summary>It went well.</summary>
    /// <param name="Value">What was asked for.</param>
    public sealed record Ok(T Value) : Outcome<T>;

    /// <summary>It did not.</summary>
    /// <param name="Reason">
    /// One line for a person, without a full stop; it names the file, address or option at fault.
    /// </param>
    public sealed record Failed(string Reason) : Outcome<T>;
}
