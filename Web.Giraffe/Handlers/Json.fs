namespace Web.Giraffe.Handlers

open System
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Views

/// `POST /api/classify`, most probable first.
type AnswerJson =
    {
        Model: string
        Worker: string
        /// From the request's last byte to the answer, three decimals.
        Milliseconds: float
        Attempts: int
        Predictions: Prediction[]
    }

/// A row of `GET /api/workers`.
type WorkerJson =
    {
        Address: string
        /// `active`, `inactive` or `draining`.
        State: string
        /// When an inactive one is tried again; else null.
        RetryAt: DateTimeOffset option
        Uses: int64
        Failures: int64
        InFlight: int
        LastError: string option
    }

type WorkersJson = { Workers: WorkerJson[] }

/// What a change of the list came to.
type ChangeJson = { Address: string; Result: string }

/// `GET /health/ready`.
type ReadyJson =
    {
        Status: string
        ActiveWorkers: int
        Workers: int
    }

/// The JSON that the API answers with; members in the order of these types, camelCase.
[<RequireQualifiedAccess>]
module Json =
    let answer (answer: Answer) : AnswerJson =
        {
            Model = answer.Model
            Worker = string answer.Worker
            Milliseconds = Math.Round(answer.Elapsed.TotalMilliseconds, 3)
            Attempts = answer.Attempts
            Predictions = answer.Predictions
        }

    let worker (worker: WorkerReport) : WorkerJson =
        {
            Address = string worker.Address
            State = WorkersView.stateName worker.State
            RetryAt =
                match worker.State with
                | Inactive retryAt -> Some retryAt
                | Active
                | Draining -> None
            Uses = worker.Uses
            Failures = worker.Failures
            InFlight = worker.InFlight
            LastError = worker.LastError
        }

    let workers (workers: WorkerReport[]) : WorkersJson = { Workers = Array.map worker workers }

    let change (address: WorkerAddress) result : ChangeJson =
        {
            Address = string address
            Result = result
        }
