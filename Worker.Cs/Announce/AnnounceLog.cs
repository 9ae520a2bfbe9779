namespace Worker.Announce;

internal static partial class AnnounceLog
{
    [LoggerMessage(221, LogLevel.Information, "Worker announces itself as {Address} at {Redis}")]
    public static partial void Begins(ILogger logger, string address, string redis);

    [LoggerMessage(222, LogLevel.Error, "Worker can't announce itself at {Redis} ({Reason}); it goes on trying")]
    public static partial void Fails(ILogger logger, string redis, string reason);

    [LoggerMessage(223, LogLevel.Information, "Worker announces itself at {Redis} again")]
    public static partial void Back(ILogger logger, string redis);
}
