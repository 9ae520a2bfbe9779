using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Node.Hosting.Logging;

/// <summary>
/// Wraps a console text formatter and passes it only safe text. A message and an exception's message are one line each,
/// even with untrusted values, and long values are cut.
/// </summary>
public sealed class EscapingFormatter : ConsoleFormatter
{
    private readonly ConsoleFormatter formatter;

    /// <summary>Wraps <paramref name="formatter"/> and takes its name.</summary>
    public EscapingFormatter(ConsoleFormatter formatter)
        : base(formatter.Name) => this.formatter = formatter;

    /// <inheritdoc/>
    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = LogText.Message(logEntry.Formatter(logEntry.State, logEntry.Exception), logEntry.State);
        if (logEntry.Exception is { } exception)
        {
            message = message.Length == 0 ? LogText.Exception(exception)
                : $"{message}{Environment.NewLine}{LogText.Exception(exception)}";
        }

        var entry = new LogEntry<string>(
            logEntry.LogLevel, logEntry.Category, logEntry.EventId, message, null, static (text, _) => text);
        formatter.Write(entry, scopeProvider is null ? null : new EscapedScopes(scopeProvider), textWriter);
    }

    private sealed class EscapedScopes(IExternalScopeProvider scopes) : IExternalScopeProvider
    {
        public void ForEachScope<TState>(Action<object?, TState> callback, TState state) => scopes.ForEachScope(
            (scope, given) => callback(LogText.Message(scope?.ToString() ?? "", scope), given), state);

        public IDisposable Push(object? state) => scopes.Push(state);
    }
}

/// <summary>Escapes a node's console log.</summary>
public static class EscapingLogging
{
    /// <summary>
    /// Wraps every console text formatter registered so far. The JSON formatter already escapes.
    /// </summary>
    public static ILoggingBuilder EscapeConsole(this ILoggingBuilder logging)
    {
        var registered = logging.Services
            .Where(service => service.ServiceType == typeof(ConsoleFormatter) && service.ImplementationType is not null)
            .ToList();
        foreach (var service in registered)
        {
            logging.Services.Remove(service);
            logging.Services.AddSingleton<ConsoleFormatter>(services =>
            {
                var made = (ConsoleFormatter)ActivatorUtilities.CreateInstance(services, service.ImplementationType!);
                return made.Name == ConsoleFormatterNames.Json ? made : new EscapingFormatter(made);
            });
        }

        return logging;
    }
}
