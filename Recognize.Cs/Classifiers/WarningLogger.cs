using Microsoft.Extensions.Logging;

namespace Recognize.Classifiers;

/// <summary>Passes warnings and errors of the worker's components to the user and drops the rest.</summary>
internal sealed class WarningLogger(Action<string> warn) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            warn(formatter(state, exception));
        }
    }
}
