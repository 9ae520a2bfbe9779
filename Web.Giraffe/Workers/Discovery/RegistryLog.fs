namespace Web.Giraffe

open Microsoft.Extensions.Logging

/// Log messages for worker lists from Redis and DNS. Event ids 2050 … 2059.
[<RequireQualifiedAccess>]
module RegistryLog =

    let private gone =
        LoggerMessage.Define<string, string>(
            LogLevel.Error,
            EventId(2050, "SharedListGone"),
            "Shared worker list at {Redis} unavailable: {Reason}. The current list stays in use, and changes are sent when Redis is available again"
        )

    let private back =
        LoggerMessage.Define<string>(
            LogLevel.Information,
            EventId(2051, "SharedListBack"),
            "Shared worker list at {Redis} available again"
        )

    let private announcement =
        LoggerMessage.Define<WorkerAddress, string>(
            LogLevel.Warning,
            EventId(2052, "AnnouncementRefused"),
            "Announced worker {Worker} rejected: {Reason}"
        )

    let private unknown =
        LoggerMessage.Define<string, string>(
            LogLevel.Warning,
            EventId(2053, "NameUnknown"),
            "Name {Name} can't be resolved ({Reason}): its workers stay on the list"
        )

    let private known =
        LoggerMessage.Define<string, int>(
            LogLevel.Information,
            EventId(2054, "NameKnown"),
            "Name {Name} resolves to {Workers} workers"
        )

    let private failed =
        LoggerMessage.Define<string>(
            LogLevel.Error,
            EventId(2055, "SharedListFailed"),
            "Synchronizing the shared worker list at {Redis} failed unexpectedly; trying again"
        )

    let private nameFailed =
        LoggerMessage.Define<string>(
            LogLevel.Error,
            EventId(2056, "NameFailed"),
            "Following the name {Name} failed unexpectedly; trying again"
        )

    let private expired =
        LoggerMessage.Define<WorkerAddress, string>(
            LogLevel.Warning,
            EventId(2057, "AnnouncementExpired"),
            "Announcement of {Worker} expired: the worker stays on the list because it still answers; check its connection to Redis at {Redis}"
        )

    let private expiredGone =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Warning,
            EventId(2058, "ExpiredWorkerRemoved"),
            "Announcement of {Worker} expired and no health check succeeded: the worker is removed from the list"
        )

    let private again =
        LoggerMessage.Define<WorkerAddress, string>(
            LogLevel.Information,
            EventId(2059, "AnnouncedAgain"),
            "Worker {Worker} announces itself at {Redis} again"
        )

    let announcementExpired (log: ILogger) worker redis =
        expired.Invoke(log, worker, redis, null)

    let expiredRemoved (log: ILogger) worker = expiredGone.Invoke(log, worker, null)
    let announcedAgain (log: ILogger) worker redis = again.Invoke(log, worker, redis, null)
    let redisGone (log: ILogger) redis reason = gone.Invoke(log, redis, reason, null)
    let redisBack (log: ILogger) redis = back.Invoke(log, redis, null)

    let announcementRefused (log: ILogger) worker reason =
        announcement.Invoke(log, worker, reason, null)

    let nameUnknown (log: ILogger) name reason = unknown.Invoke(log, name, reason, null)
    let nameKnown (log: ILogger) name workers = known.Invoke(log, name, workers, null)

    let synchronizationFailed (log: ILogger) redis (ex: exn) = failed.Invoke(log, redis, ex)
    let nameFailedUnexpectedly (log: ILogger) name (ex: exn) = nameFailed.Invoke(log, name, ex)
