namespace Worker.Announce;

internal static partial class AnnounceLog
{
    [LoggerMessage(221, LogLevel.Information, "Worker announced as {Address} at {Redis}")]
    public static partial void Announced(ILogger logger, string address, string redis);

    [LoggerMessage(222, LogLevel.Error, "Worker not announced at {Redis}: {Reason}; retrying")]
    public static partial void NotAnnounced(ILogger logger, string redis, string reason);

    [LoggerMessage(223, LogLevel.Information, "Worker announced at {Redis} again")]
    public static partial void Restored(ILogger logger, string redis);
}
