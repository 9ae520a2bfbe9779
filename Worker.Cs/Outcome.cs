using System.Diagnostics.CodeAnalysis;

namespace Worker;

/// <summary>A value, or a one-line reason for an expected failure.</summary>
public abstract record Outcome<T>
    where T : notnull
{
    private Outcome()
    {
    }

    /// <summary>Returns true and the value, or false and the reason.</summary>
    public bool Try([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? reason)
    {
        value = this is Ok ok ? ok.Value : default;
        reason = (this as Failed)?.Reason;
        return reason is null;
    }

    /// <summary>Success.</summary>
    /// <param name="Value">The requested value.</param>
    public sealed record Ok(T Value) : Outcome<T>;

    /// <summary>Failure.</summary>
    /// <param name="Reason">
    /// One line for the user, without a full stop; it names the file, address or option at fault.
    /// </param>
    public sealed record Failed(string Reason) : Outcome<T>;
}
