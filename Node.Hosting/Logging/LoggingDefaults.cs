using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Node.Hosting.Logging;

/// <summary>
/// The format of a node's log where nobody configures another one. It is part of the program, so that an operator's
/// <c>appsettings.json</c> holds only what differs.
/// </summary>
public static class LoggingDefaults
{
    /// <summary>Adds the defaults below every other source of the configuration.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="quiet">The category of the framework that logs warnings and errors only.</param>
    public static void AddLoggingDefaults(this IConfigurationBuilder builder, string quiet)
    {
        var defaults = new MemoryConfigurationSource
        {
            InitialData =
            [
                new("Logging:LogLevel:Default", "Information"),
                new($"Logging:LogLevel:{quiet}", "Warning"),
                new("Logging:Console:FormatterName", ConsoleFormatterNames.Simple),
                new("Logging:Console:FormatterOptions:SingleLine", "true"),
                new("Logging:Console:FormatterOptions:UseUtcTimestamp", "true"),
                // The text format writes the level immediately after it.
                new("Logging:Console:FormatterOptions:TimestampFormat", "yyyy-MM-ddTHH:mm:ss.fffZ "),
            ],
        };
        builder.Sources.Insert(0, defaults);
    }

    /// <summary>Removes the separator after the timestamp from the JSON format: its timestamps are RFC 3339.</summary>
    public static ILoggingBuilder TrimJsonTimestamps(this ILoggingBuilder logging)
    {
        logging.Services.PostConfigure<JsonConsoleFormatterOptions>(
            options => options.TimestampFormat = options.TimestampFormat?.TrimEnd());
        return logging;
    }
}
