namespace Web.Giraffe

open System
open Microsoft.Extensions.Logging
open Protocol.Core
open Node.Hosting.Tls

/// Log messages of the workers half, one line per event. Event ids 2000 … 2049. The ids are stable, since alerts depend
/// on them.
[<RequireQualifiedAccess>]
module WorkersLog =

    let workerChosen: ILogger -> WorkerAddress -> int -> unit =
        LogEvent.define2
            LogLevel.Information
            (EventId(2001, "WorkerChosen"))
            "Worker chosen: {Worker}, attempt {Attempt}"

    let private ejected: ILogger -> WorkerAddress -> Stage -> string -> string -> unit =
        LogEvent.define4
            LogLevel.Warning
            (EventId(2002, "WorkerInactive"))
            "Worker ejected: {Worker}, stage {Stage}, cause {Cause} ({Detail})"

    let workerEjected log worker (failure: Failure) detail =
        let cause =
            match failure.Cause with
            | Cause.Malformed reason -> $"Malformed, {Malformed.code reason}"
            | cause -> string cause

        ejected log worker failure.Stage cause detail

    let workerStillEjected: ILogger -> WorkerAddress -> Failure -> DateTimeOffset -> unit =
        LogEvent.define3
            LogLevel.Debug
            (EventId(2003, "WorkerStillInactive"))
            "Worker still ejected: {Worker}, {Failure}, next probe at {RetryAt:O}"

    let workerRestored: ILogger -> WorkerAddress -> unit =
        LogEvent.define1 LogLevel.Information (EventId(2004, "WorkerRestored")) "Worker restored: {Worker}"

    let workerAdded: ILogger -> WorkerAddress -> unit =
        LogEvent.define1 LogLevel.Information (EventId(2005, "WorkerAdded")) "Worker added: {Worker}"

    let workerRemoved: ILogger -> WorkerAddress -> unit =
        LogEvent.define1 LogLevel.Information (EventId(2006, "WorkerRemoved")) "Worker removed by an operator: {Worker}"

    let workerDrained: ILogger -> WorkerAddress -> unit =
        LogEvent.define1 LogLevel.Information (EventId(2007, "WorkerDrained")) "Worker drained: {Worker}"

    let workerResumed: ILogger -> WorkerAddress -> unit =
        LogEvent.define1 LogLevel.Information (EventId(2008, "WorkerResumed")) "Worker resumed: {Worker}"

    let workerLeft: ILogger -> WorkerAddress -> unit =
        LogEvent.define1
            LogLevel.Information
            (EventId(2009, "WorkerLeft"))
            "Worker left: {Worker} is no longer announced, or no longer resolved from its DNS name"

    let private finished: ILogger -> WorkerAddress -> string -> int -> int -> float -> unit =
        LogEvent.define5
            LogLevel.Information
            (EventId(2010, "ExchangeFinished"))
            "Exchange finished: {Worker}, {Answer}, {Bytes} bytes, {Attempts} attempts, {Milliseconds:F1} ms"

    /// Logs the end of an exchange. `bytes`: the picture's size. `attempts`: the number of workers tried.
    let exchangeFinished log worker answer bytes attempts (elapsed: TimeSpan) =
        finished log worker answer bytes attempts elapsed.TotalMilliseconds

    let failedWorkerRemoved: ILogger -> WorkerAddress -> unit =
        LogEvent.define1
            LogLevel.Warning
            (EventId(2011, "FailedWorkerRemoved"))
            "Worker removed after a failure: {Worker}; Pool:OnFailure=Remove"

    let exchangeFailed: ILogger -> WorkerAddress -> Failure -> int -> unit =
        LogEvent.define3
            LogLevel.Information
            (EventId(2012, "ExchangeFailed"))
            "Exchange failed: {Worker}, {Failure}, attempt {Attempt}"

    let private classificationFailed: ILogger -> ClassifyError -> int -> float -> unit =
        LogEvent.define3
            LogLevel.Warning
            (EventId(2013, "RequestFailed"))
            "Request failed: {Reason}, {Attempts} attempts, {Milliseconds:F1} ms"

    let requestFailed log reason attempts (elapsed: TimeSpan) =
        classificationFailed log reason attempts elapsed.TotalMilliseconds

    let workerListRead: ILogger -> string -> int -> unit =
        LogEvent.define2
            LogLevel.Information
            (EventId(2020, "WorkerListRead"))
            "Worker list read from {Path}: {Workers} workers"

    let workerListDamaged: ILogger -> string -> string -> string -> unit =
        LogEvent.define3
            LogLevel.Warning
            (EventId(2021, "WorkerListDamaged"))
            "Worker list {Path} is damaged ({Reason}); renamed to {Aside}"

    let workerListUnsaved: ILogger -> string -> exn -> unit =
        LogEvent.defineFailure
            (EventId(2022, "WorkerListUnsaved"))
            "Worker list {Path} can't be written: changes will be lost at the next restart"

    let workerSuppressed: ILogger -> WorkerAddress -> string -> unit =
        LogEvent.define2
            LogLevel.Warning
            (EventId(2023, "WorkerSuppressed"))
            "Configured worker {Worker} stays off the list because an operator removed it ({Path}); add it again to use it"

    let checkFailed: ILogger -> WorkerAddress -> exn -> unit =
        LogEvent.defineFailure (EventId(2030, "CheckFailed")) "Health check of {Worker} failed unexpectedly"

    let private renewed: ILogger -> string -> unit =
        LogEvent.define1 LogLevel.Information (EventId(2040, "TlsRenewed")) "TLS: {Path} has changed and is in use"

    let private notRenewed: ILogger -> string -> string -> unit =
        LogEvent.define2
            LogLevel.Warning
            (EventId(2041, "TlsNotRenewed"))
            "TLS: {Path} has changed and can't be used; the previous one stays in use: {Reason}"

    /// Logs a reload of the client certificate or the trust store for workers with TLS.
    let tlsRenewed log (renewal: ReloadResult) =
        match renewal.Error with
        | null -> renewed log renewal.Path
        | error -> notRenewed log renewal.Path error
