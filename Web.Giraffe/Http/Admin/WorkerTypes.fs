/// The types of the responses of workers, of their live events and of health. The OpenAPI document is made from them.
namespace Web.Giraffe.Handlers

open System
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open Web.Giraffe

/// A row of `GET /api/workers`.
type WorkerJson =
    {
        Address: string
        [<AllowedValues("active", "inactive", "draining", "drained", "removing")>]
        [<Description "Inactive after a failure; draining or drained by an operator.">]
        State: string
        [<Description "Whether it gets the next request.">]
        Next: bool
        [<Description "When an inactive one is tried again; else null.">]
        RetryAt: DateTimeOffset option
        Uses: int64
        Failures: int64
        InFlight: int
        [<Description "Of its last exchanges with users, in milliseconds; null before the first.">]
        Median: float option
        LastError: string option
        [<Description "When its last error was; null before the first.">]
        LastErrorAt: DateTimeOffset option
        [<Description "The models that it serves, as `id@version`; empty where it does not describe them.">]
        Models: string[]
    }

type WorkersJson = { Workers: WorkerJson[] }

/// An event of `GET /api/workers/events`.
type FeedJson =
    {
        [<Description "The last second that is over, since 1970, UTC.">]
        Now: int64
        [<Description "How many seconds are remembered.">]
        Span: int
        Workers: WorkerJson[]
        [<Description "As in `GET /api/models`.">]
        Models: ModelJson[]
        [<Description "Those that had requests and are not yet reported; times in milliseconds, within 8 %.">]
        Seconds: TrafficSecond[]
        [<Description "The last sixty seconds together.">]
        Minute: TrafficMinute
    }

/// The result of probing a worker.
type ProbeJson =
    {
        Address: string
        Answered: bool
        [<Description "How long its answer took; null where there was none.">]
        Milliseconds: float option
        [<Description "Why there was none; else null.">]
        Error: string option
    }

/// The result of a change to the list.
type ChangeJson = { Address: string; Result: string }

/// `GET /health/live`.
type LiveJson = { Status: string }

/// `GET /health/ready`.
type ReadyJson =
    {
        Status: string
        ActiveWorkers: int
        Workers: int
    }
