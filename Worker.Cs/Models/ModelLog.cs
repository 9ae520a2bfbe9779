namespace Worker.Models;

internal static partial class ModelLog
{
    [LoggerMessage(101, LogLevel.Warning, "Model file refused: {Path} {Error}")]
    public static partial void Refused(ILogger logger, string path, string error);

    [LoggerMessage(102, LogLevel.Information, "Fetching {Name} from {Source}, {Bytes} bytes")]
    public static partial void Fetching(ILogger logger, string name, Uri source, long bytes);

    [LoggerMessage(103, LogLevel.Information, "Model {Id}: network {Network}, labels {Labels}")]
    public static partial void Found(ILogger logger, string id, string network, string? labels);

    [LoggerMessage(104, LogLevel.Warning, "Class activation maps are not available: {Reason}")]
    public static partial void NoMaps(ILogger logger, string reason);

    [LoggerMessage(105, LogLevel.Information, "Model {Id} version {Version} is in service")]
    public static partial void InService(ILogger logger, string id, string version);

    [LoggerMessage(106, LogLevel.Information, "Model {Id} is no longer in service: its folder was removed")]
    public static partial void Removed(ILogger logger, string id);

    [LoggerMessage(107, LogLevel.Error, "Model {Id} can't be loaded: {Reason}")]
    public static partial void NotLoaded(ILogger logger, string id, string reason);

    [LoggerMessage(
        108, LogLevel.Error, "Model {Id} stays at its current version because the new one can't be loaded: {Reason}")]
    public static partial void NotReplaced(ILogger logger, string id, string reason);
}
