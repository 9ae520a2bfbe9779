namespace Web.Giraffe

open Microsoft.Extensions.Logging

/// Log messages for worker lists from Redis and DNS. Event ids 2050 … 2059.
[<RequireQualifiedAccess>]
module RegistryLog =

    let redisGone: ILogger -> string -> string -> unit =
        LogEvent.define2
            LogLevel.Error
            (EventId(2050, "SharedListGone"))
            "Shared worker list at {Redis} unavailable: {Reason}. The current list stays in use, and changes are sent when Redis is available again"

    let redisBack: ILogger -> string -> unit =
        LogEvent.define1
            LogLevel.Information
            (EventId(2051, "SharedListBack"))
            "Shared worker list at {Redis} available again"

    let announcementRejected: ILogger -> WorkerAddress -> string -> unit =
        LogEvent.define2
            LogLevel.Warning
            (EventId(2052, "AnnouncementRefused"))
            "Announced worker {Worker} rejected: {Reason}"

    let nameUnknown: ILogger -> string -> string -> unit =
        LogEvent.define2
            LogLevel.Warning
            (EventId(2053, "NameUnknown"))
            "Name {Name} can't be resolved ({Reason}): its workers stay on the list"

    let nameKnown: ILogger -> string -> int -> unit =
        LogEvent.define2 LogLevel.Information (EventId(2054, "NameKnown")) "Name {Name} resolves to {Workers} workers"

    let synchronizationFailed: ILogger -> string -> exn -> unit =
        LogEvent.defineFailure
            (EventId(2055, "SharedListFailed"))
            "Synchronizing the shared worker list at {Redis} failed unexpectedly; trying again"

    let nameFailed: ILogger -> string -> exn -> unit =
        LogEvent.defineFailure
            (EventId(2056, "NameFailed"))
            "Following the name {Name} failed unexpectedly; trying again"

    let announcementExpired: ILogger -> WorkerAddress -> string -> unit =
        LogEvent.define2
            LogLevel.Warning
            (EventId(2057, "AnnouncementExpired"))
            "Announcement of {Worker} expired: the worker stays on the list because it still answers; check its connection to Redis at {Redis}"

    let expiredRemoved: ILogger -> WorkerAddress -> unit =
        LogEvent.define1
            LogLevel.Warning
            (EventId(2058, "ExpiredWorkerRemoved"))
            "Announcement of {Worker} expired and no health check succeeded: the worker is removed from the list"

    let announcedAgain: ILogger -> WorkerAddress -> string -> unit =
        LogEvent.define2
            LogLevel.Information
            (EventId(2059, "AnnouncedAgain"))
            "Worker {Worker} announces itself at {Redis} again"
