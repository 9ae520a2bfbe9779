using Microsoft.Extensions.Logging;

namespace Node.Hosting.Logging;

/// <summary>The first line of a node's log.</summary>
public static partial class BuildLog
{
    /// <summary>Logs the program with its version and commit.</summary>
    [LoggerMessage(100, LogLevel.Information, "Starting {Program} {Version}, commit {Commit}")]
    private static partial void Starting(ILogger logger, string program, string version, string commit);

    /// <summary>Logs which build of <paramref name="program"/> starts.</summary>
    public static void Log(ILogger logger, string program) =>
        Starting(logger, program, BuildInfo.Current.Version, BuildInfo.Current.Commit);
}
