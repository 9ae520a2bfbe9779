namespace Web.Giraffe.Handlers

open System
open System.Collections.Generic
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Views

/// Creates the API's JSON responses, with members in the order of these types, camelCase.
[<RequireQualifiedAccess>]
module Json =
    let private classOf (found: RecognizedClass) : ClassJson =
        {
            Index = if found.Index < 0 then None else Some found.Index
            Label = found.Label
            Probability = found.Probability
        }

    let private map (classes: RecognizedClass[]) (map: ClassMap) : MapJson =
        {
            Index = map.Index
            Width = map.Width
            Height = map.Height
            Lowest = map.Lowest
            Highest = map.Highest
            Strength =
                classes
                |> Seq.tryFind (fun found -> found.Index = map.Index)
                |> Option.map (fun found -> sqrt found.Probability)
                |> Option.defaultValue 0.0
            Cells = map.Cells
        }

    let private stages (times: StageTime[]) =
        let stages = Dictionary<string, float>()

        for time in times do
            stages[time.Stage] <- Math.Round(time.Milliseconds, 3)

        stages

    let private unlessEmpty list =
        if Array.isEmpty list then None else Some list

    let answer (request: ClassifyRequest) (answer: Classification) : AnswerJson =
        let recognition = answer.Recognition
        let classes = ClassifyRequest.classes request answer

        let maps =
            match request.Selection with
            | None -> recognition.Maps
            | Some _ ->
                let kept = classes |> Seq.map _.Index |> Set.ofSeq
                recognition.Maps |> Array.filter (fun map -> kept.Contains map.Index)

        {
            Model = recognition.Model
            Version = Some recognition.Version |> Option.filter (fun version -> version <> "")
            Independent = if recognition.Independent then Some true else None
            Worker = string answer.Worker
            Milliseconds = Math.Round(answer.Elapsed.TotalMilliseconds, 3)
            Attempts = answer.Attempts
            Cached = if answer.IsCached then Some true else None
            Predictions = Array.map classOf classes
            Answer = recognition.Answer |> ValueOption.toOption |> Option.map HedgedAnswerJson.create
            Stages = recognition.Times |> unlessEmpty |> Option.map stages
            Maps = maps |> unlessEmpty |> Option.map (Array.map (map recognition.Classes))
            Unmet = unlessEmpty (ClassifyRequest.unmet request answer)
        }

    let private refusal (problem: Problem) : RefusalJson =
        {
            Title = problem.Title
            Detail = problem.Detail
            Code = problem.Code
            RetryAfter = Problem.retrySeconds problem
        }

    /// Converts the result of one file of several.
    let file request (index: int) (name: string option) (result: Result<Classification, Problem>) : FileJson =
        {
            Index = Some index
            File = name
            Status =
                match result with
                | Ok _ -> 200
                | Error problem -> problem.Status
            Answer = result |> Result.toOption |> Option.map (answer request)
            Problem =
                match result with
                | Ok _ -> None
                | Error problem -> Some(refusal problem)
        }

    /// Converts the problem of a form that ends after some of its results were sent.
    let formProblem (problem: Problem) : FileJson =
        {
            Index = None
            File = None
            Status = problem.Status
            Answer = None
            Problem = Some(refusal problem)
        }

    /// Converts an answer to Hugging Face's list.
    let scores request answer : ScoreJson[] =
        ClassifyRequest.classes request answer
        |> Array.map (fun found ->
            {
                Label = found.Label
                Score = found.Probability
            })

    let private resize (resize: InputResize) =
        match resize with
        | InputResize.Unknown -> None, None
        | InputResize.ShorterSide side -> Some "shorter-side", Some side
        | InputResize.Stretch -> Some "stretch", None
        | InputResize.Fit -> Some "fit", None

    let model (directory: ModelDirectory) (model: ClusterModel) : ModelJson =
        let described = model.Description
        let resize, side = resize described.Resize

        {
            Id = described.Id
            Title = described.Title
            Versions = Array.ofList model.Versions
            Default = described.Id = directory.Default
            State =
                match described.State with
                | ModelState.Ready -> "ready"
                | ModelState.Loading -> "loading"
                | ModelState.Failed -> "failed"
            Error =
                if model.Errors.IsEmpty then
                    None
                else
                    Some(String.Join("; ", model.Errors))
            Classes = described.Classes
            Width = described.Width
            Height = described.Height
            Channels = described.Channels
            Resize = resize
            Side = side
            Independent = (described.Output = OutputValues.Sigmoid)
            Maps = described.HasMaps
            Tree = described.HasTree
            Covers = Some described.Covers |> Option.filter (fun covers -> covers <> "")
            Workers = model.Workers.Length
        }

    let worker (models: ModelDirectory) (worker: WorkerReport) : WorkerJson =
        {
            Address = string worker.Address
            State = WorkersTable.stateName worker.State
            RetryAt =
                match worker.State with
                | WorkerStatus.Ejected retryAt -> Some retryAt
                | Active
                | Draining
                | WorkerStatus.Drained
                | Removing -> None
            Next = worker.IsNext
            Uses = worker.Uses
            Failures = worker.Failures
            InFlight = worker.InFlight
            Median = worker.Median |> Option.map (fun span -> Math.Round(span.TotalMilliseconds, 3))
            LastError = worker.LastError
            LastErrorAt = worker.LastErrorAt
            Models = Array.ofList (models.Served worker.Address)
        }

    let workers models (workers: WorkerReport[]) : WorkersJson =
        {
            Workers = Array.map (worker models) workers
        }

    let feed (models: ModelDirectory) now span (workers: WorkerReport[]) seconds minute : FeedJson =
        {
            Models = models.Models |> List.map (model models) |> Array.ofList
            Now = now
            Span = span
            Workers = Array.map (worker models) workers
            Seconds = seconds
            Minute = minute
        }

    let change (address: WorkerAddress) (change: ListChange) : ChangeJson =
        {
            Address = string address
            Result = ListChange.result change
        }

    let probed (address: WorkerAddress) (elapsed: TimeSpan option) (error: string option) : ProbeJson =
        {
            Address = string address
            Answered = elapsed.IsSome
            Milliseconds = elapsed |> Option.map (fun span -> Math.Round(span.TotalMilliseconds, 3))
            Error = error
        }
