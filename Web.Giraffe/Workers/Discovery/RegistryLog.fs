namespace Web.Giraffe

open Microsoft.Extensions.Logging

/// What is written to the log of lists that come from elsewhere: a Redis, a name. Event ids 2050 … 2059.
[<RequireQualifiedAccess>]
module RegistryLog =

    let private gone =
        LoggerMessage.Define<string, string>(
            LogLevel.Error,
            EventId(2050, "SharedListGone"),
            "The shared worker list at {Redis} can't be had ({Reason}): the list stays as it is, and changes are brought there when it is back"
        )

    let private back =
        LoggerMessage.Define<string>(
            LogLevel.Information,
            EventId(2051, "SharedListBack"),
            "The shared worker list at {Redis} is back"
        )

    let private announcement =
        LoggerMessage.Define<WorkerAddress, string>(
            LogLevel.Warning,
            EventId(2052, "AnnouncementRefused"),
            "Worker {Worker} announces itself and is not taken: {Reason}"
        )

    let private unknown =
        LoggerMessage.Define<string, string>(
            LogLevel.Warning,
            EventId(2053, "NameUnknown"),
            "The workers of {Name} can't be asked for ({Reason}): they stay as they are"
        )

    let private known =
        LoggerMessage.Define<string, int>(
            LogLevel.Information,
            EventId(2054, "NameKnown"),
            "The name {Name} has {Workers} workers"
        )

    let private broke =
        LoggerMessage.Define<string>(
            LogLevel.Error,
            EventId(2055, "SharedListBroke"),
            "Synchronizing the shared worker list at {Redis} failed unexpectedly; trying again"
        )

    let private nameFailed =
        LoggerMessage.Define<string>(
            LogLevel.Error,
            EventId(2056, "NameBroke"),
            "Following the name {Name} failed unexpectedly; trying again"
        )

    let redisGone (log: ILogger) redis reason = gone.Invoke(log, redis, reason, null)
    let redisBack (log: ILogger) redis = back.Invoke(log, redis, null)

    let announcementRefused (log: ILogger) worker reason =
        announcement.Invoke(log, worker, reason, null)

    let nameUnknown (log: ILogger) name reason = unknown.Invoke(log, name, reason, null)
    let nameKnown (log: ILogger) name workers = known.Invoke(log, name, workers, null)

    let roundBroke (log: ILogger) redis (broken: exn) = broke.Invoke(log, redis, broken)
    let nameBroke (log: ILogger) name (broken: exn) = nameFailed.Invoke(log, name, broken)
