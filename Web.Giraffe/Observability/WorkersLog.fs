namespace Web.Giraffe

open System
open Microsoft.Extensions.Logging
open Protocol.Core
open Transport.Tls

/// Log messages of the workers half, one line per event. Event ids 2000 … 2099. The ids are stable, since alerts depend
/// on them.
[<RequireQualifiedAccess>]
module WorkersLog =

    let private chosen =
        LoggerMessage.Define<WorkerAddress, int>(
            LogLevel.Information,
            EventId(2001, "WorkerChosen"),
            "Worker chosen: {Worker}, attempt {Attempt}"
        )

    let private inactive =
        LoggerMessage.Define<WorkerAddress, Stage, string, string>(
            LogLevel.Warning,
            EventId(2002, "WorkerInactive"),
            "Worker inactive: {Worker}, stage {Stage}, cause {Cause} ({Detail})"
        )

    let private stillInactive =
        LoggerMessage.Define<WorkerAddress, Failure, DateTimeOffset>(
            LogLevel.Debug,
            EventId(2003, "WorkerStillInactive"),
            "Worker still inactive: {Worker}, {Failure}, next probe at {RetryAt:O}"
        )

    let private restored =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Information,
            EventId(2004, "WorkerRestored"),
            "Worker restored: {Worker}"
        )

    let private added =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Information,
            EventId(2005, "WorkerAdded"),
            "Worker added: {Worker}"
        )

    let private removed =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Information,
            EventId(2006, "WorkerRemoved"),
            "Worker removed by an operator: {Worker}"
        )

    let private left =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Information,
            EventId(2009, "WorkerLeft"),
            "Worker left: {Worker} is no longer announced, or no longer resolved from its DNS name"
        )

    let private removedFailed =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Warning,
            EventId(2011, "FailedWorkerRemoved"),
            "Worker removed after a failure: {Worker}; Pool:OnFailure=Remove"
        )

    let private drained =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Information,
            EventId(2007, "WorkerDrained"),
            "Worker drained: {Worker}"
        )

    let private resumed =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Information,
            EventId(2008, "WorkerResumed"),
            "Worker resumed: {Worker}"
        )

    let private finished =
        LoggerMessage.Define<WorkerAddress, string, int, int, float>(
            LogLevel.Information,
            EventId(2010, "ExchangeFinished"),
            "Exchange finished: {Worker}, {Answer}, {Bytes} bytes, {Attempts} attempts, {Milliseconds:F1} ms"
        )

    let private failed =
        LoggerMessage.Define<WorkerAddress, Failure, int>(
            LogLevel.Information,
            EventId(2012, "ExchangeFailed"),
            "Exchange failed: {Worker}, {Failure}, attempt {Attempt}"
        )

    let private classificationFailed =
        LoggerMessage.Define<ClassifyError, int, float>(
            LogLevel.Warning,
            EventId(2013, "RequestFailed"),
            "Request failed: {Reason}, {Attempts} attempts, {Milliseconds:F1} ms"
        )

    let private listKept =
        LoggerMessage.Define<string, int>(
            LogLevel.Information,
            EventId(2020, "WorkerListRead"),
            "Worker list read from {Path}: {Workers} workers"
        )

    let private listDamaged =
        LoggerMessage.Define<string, string, string>(
            LogLevel.Warning,
            EventId(2021, "WorkerListDamaged"),
            "Worker list {Path} is damaged ({Reason}); renamed to {Aside}"
        )

    let private listUnsaved =
        LoggerMessage.Define<string>(
            LogLevel.Error,
            EventId(2022, "WorkerListUnsaved"),
            "Worker list {Path} can't be written: changes will be lost at the next restart"
        )

    let private suppressed =
        LoggerMessage.Define<WorkerAddress, string>(
            LogLevel.Warning,
            EventId(2023, "WorkerSuppressed"),
            "Configured worker {Worker} stays off the list because an operator removed it ({Path}); add it again to use it"
        )

    let private checkFailed =
        LoggerMessage.Define<WorkerAddress>(
            LogLevel.Error,
            EventId(2030, "CheckFailed"),
            "Health check of {Worker} failed unexpectedly"
        )

    let private renewed =
        LoggerMessage.Define<string>(
            LogLevel.Information,
            EventId(2040, "TlsRenewed"),
            "TLS: {Path} has changed and is in use"
        )

    let private notRenewed =
        LoggerMessage.Define<string, string>(
            LogLevel.Warning,
            EventId(2041, "TlsNotRenewed"),
            "TLS: {Path} has changed and can't be used; the previous one stays in use: {Reason}"
        )

    let workerChosen (log: ILogger) worker attempt =
        chosen.Invoke(log, worker, attempt, null)

    let workerInactive (log: ILogger) worker (failure: Failure) detail =
        let cause =
            match failure.Cause with
            | Cause.Malformed reason -> $"Malformed, {Malformed.code reason}"
            | cause -> string cause

        inactive.Invoke(log, worker, failure.Stage, cause, detail, null)

    let workerStillInactive (log: ILogger) worker failure retryAt =
        stillInactive.Invoke(log, worker, failure, retryAt, null)

    let workerRestored (log: ILogger) worker = restored.Invoke(log, worker, null)
    let workerAdded (log: ILogger) worker = added.Invoke(log, worker, null)
    let workerRemoved (log: ILogger) worker = removed.Invoke(log, worker, null)
    let workerLeft (log: ILogger) worker = left.Invoke(log, worker, null)

    let failedWorkerRemoved (log: ILogger) worker = removedFailed.Invoke(log, worker, null)

    let workerDrained (log: ILogger) worker = drained.Invoke(log, worker, null)
    let workerResumed (log: ILogger) worker = resumed.Invoke(log, worker, null)

    /// Logs the end of an exchange. `bytes`: the picture's size. `attempts`: the number of workers tried.
    let exchangeFinished (log: ILogger) worker answer bytes attempts (elapsed: TimeSpan) =
        finished.Invoke(log, worker, answer, bytes, attempts, elapsed.TotalMilliseconds, null)

    let exchangeFailed (log: ILogger) worker failure attempt =
        failed.Invoke(log, worker, failure, attempt, null)

    let requestFailed (log: ILogger) reason attempts (elapsed: TimeSpan) =
        classificationFailed.Invoke(log, reason, attempts, elapsed.TotalMilliseconds, null)

    let workerListRead (log: ILogger) path count = listKept.Invoke(log, path, count, null)

    let workerListDamaged (log: ILogger) path reason aside =
        listDamaged.Invoke(log, path, reason, aside, null)

    let workerListUnsaved (log: ILogger) path (ex: exn) = listUnsaved.Invoke(log, path, ex)

    let workerSuppressed (log: ILogger) worker path =
        suppressed.Invoke(log, worker, path, null)

    /// Logs a reload of the client certificate or the trust store for workers with TLS.
    let tlsRenewed (log: ILogger) (renewal: ReloadResult) =
        match renewal.Error with
        | null -> renewed.Invoke(log, renewal.Path, null)
        | error -> notRenewed.Invoke(log, renewal.Path, error, null)

    let checkFailedUnexpectedly (log: ILogger) worker (ex: exn) = checkFailed.Invoke(log, worker, ex)
