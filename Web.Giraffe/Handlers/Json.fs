namespace Web.Giraffe.Handlers

open System
open System.Collections.Generic
open System.ComponentModel
open System.Text.Json.Serialization
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Views

/// One class of an answer.
type ClassJson =
    {
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The class's number in the model, from 0; left out where the worker does not say it.">]
        Index: int option
        Label: string
        [<Description "0 to 1.">]
        Probability: float
    }

/// Where in the picture the network saw a class.
type MapJson =
    {
        [<Description "The class's number.">]
        Index: int
        [<Description "Cells in a row.">]
        Width: int
        [<Description "Rows.">]
        Height: int
        [<Description "What a cell of 0 stands for.">]
        Lowest: float
        [<Description "What a cell of 255 stands for.">]
        Highest: float
        [<Description "One byte a cell, row by row from the top left, in base64.">]
        Cells: byte[]
    }

/// `POST /api/classify`, most probable first.
type AnswerJson =
    {
        Model: string
        [<Description "The address of the worker that answered.">]
        Worker: string
        [<Description "From the request's last byte to the answer.">]
        Milliseconds: float
        [<Description "How many workers were asked.">]
        Attempts: int
        [<Description "Most probable first.">]
        Predictions: ClassJson[]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The worker's own time in milliseconds, by stage; left out where it does not say it.">]
        Stages: Dictionary<string, float> option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "With explain=true: a map for each of the predictions; left out where the worker has none.">]
        Maps: MapJson[] option
    }

/// A row of `GET /api/workers`.
type WorkerJson =
    {
        Address: string
        [<Description "active, inactive or draining.">]
        State: string
        [<Description "When an inactive one is tried again; else null.">]
        RetryAt: DateTimeOffset option
        Uses: int64
        Failures: int64
        InFlight: int
        LastError: string option
    }

type WorkersJson = { Workers: WorkerJson[] }

/// What a change of the list came to.
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

/// The JSON that the API answers with; members in the order of these types, camelCase.
[<RequireQualifiedAccess>]
module Json =
    let private classOf (found: RecognizedClass) : ClassJson =
        {
            Index = if found.Index < 0 then None else Some found.Index
            Label = found.Label
            Probability = found.Probability
        }

    let private map (map: ClassMap) : MapJson =
        {
            Index = map.Index
            Width = map.Width
            Height = map.Height
            Lowest = map.Lowest
            Highest = map.Highest
            Cells = map.Cells
        }

    let private stages (times: StageTime[]) =
        let stages = Dictionary<string, float>()

        for time in times do
            stages[time.Stage] <- Math.Round(time.Milliseconds, 3)

        stages

    let private unlessEmpty list =
        if Array.isEmpty list then None else Some list

    let answer (answer: Answer) : AnswerJson =
        {
            Model = answer.Model
            Worker = string answer.Worker
            Milliseconds = Math.Round(answer.Elapsed.TotalMilliseconds, 3)
            Attempts = answer.Attempts
            Predictions = Array.map classOf answer.Classes
            Stages = answer.Times |> unlessEmpty |> Option.map stages
            Maps = answer.Maps |> unlessEmpty |> Option.map (Array.map map)
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
