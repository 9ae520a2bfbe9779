namespace Web.Giraffe.Inference

open System
open System.Collections.Generic
open System.Text.Json.Serialization
open Web.Giraffe

// Triton's statistics, with Triton's names. Every network run of the workers is a batch of one picture.

type StatisticDuration = { Count: int64; Ns: int64 }

type InferStatistics =
    {
        Success: StatisticDuration
        Fail: StatisticDuration
        Queue: StatisticDuration
        [<JsonPropertyName "compute_input">]
        ComputeInput: StatisticDuration
        [<JsonPropertyName "compute_infer">]
        ComputeInfer: StatisticDuration
        [<JsonPropertyName "compute_output">]
        ComputeOutput: StatisticDuration
        [<JsonPropertyName "cache_hit">]
        CacheHit: StatisticDuration
        [<JsonPropertyName "cache_miss">]
        CacheMiss: StatisticDuration
    }

type BatchStatistics =
    {
        [<JsonPropertyName "batch_size">]
        BatchSize: int64
        [<JsonPropertyName "compute_input">]
        ComputeInput: StatisticDuration
        [<JsonPropertyName "compute_infer">]
        ComputeInfer: StatisticDuration
        [<JsonPropertyName "compute_output">]
        ComputeOutput: StatisticDuration
    }

type ModelStatistics =
    {
        Name: string
        Version: string
        /// Milliseconds since 1970; 0 before the first.
        [<JsonPropertyName "last_inference">]
        LastInference: int64
        /// The pictures of successful requests.
        [<JsonPropertyName "inference_count">]
        InferenceCount: int64
        /// The runs of the network.
        [<JsonPropertyName "execution_count">]
        ExecutionCount: int64
        [<JsonPropertyName "inference_stats">]
        InferenceStats: InferStatistics
        [<JsonPropertyName "batch_stats">]
        BatchStats: BatchStatistics[]
    }

type StatisticsResponse =
    {
        [<JsonPropertyName "model_stats">]
        ModelStats: ModelStatistics[]
    }

/// One counter.
[<Sealed>]
type private Duration() =
    let mutable count = 0L
    let mutable ns = 0L

    member _.Add(times: int64, time: TimeSpan) =
        count <- count + times
        ns <- ns + int64 (time.TotalMilliseconds * 1e6)

    member _.Read() : StatisticDuration = { Count = count; Ns = ns }

/// The counters of one version of a model.
[<Sealed>]
type private ModelCounters() =
    let success = Duration()
    let fail = Duration()
    let queue = Duration()
    let input = Duration()
    let infer = Duration()
    let output = Duration()
    let hit = Duration()
    let miss = Duration()
    let mutable last = 0L
    let mutable inferences = 0L
    let mutable executions = 0L

    let stage (name: string) (answers: Classification[]) =
        answers
        |> Seq.collect _.Recognition.Times
        |> Seq.filter (fun time -> time.Stage = name)
        |> Seq.sumBy _.Milliseconds
        |> TimeSpan.FromMilliseconds

    member _.Succeeded(now: DateTimeOffset, elapsed: TimeSpan, answers: Classification[]) =
        let executed = answers |> Array.filter (fun answer -> not answer.IsCached)
        let cached = answers.Length - executed.Length
        last <- now.ToUnixTimeMilliseconds()
        success.Add(1L, elapsed)
        inferences <- inferences + int64 answers.Length
        executions <- executions + int64 executed.Length

        if cached > 0 then
            hit.Add(int64 cached, TimeSpan.Zero)

        if executed.Length > 0 then
            miss.Add(int64 executed.Length, TimeSpan.Zero)
            let count = int64 executed.Length
            queue.Add(count, stage "queue" executed)
            input.Add(count, stage "decode" executed)
            infer.Add(count, stage "inference" executed)
            output.Add(count, TimeSpan.Zero)

    member _.Failed(now: DateTimeOffset, elapsed: TimeSpan) =
        last <- now.ToUnixTimeMilliseconds()
        fail.Add(1L, elapsed)

    member _.Read(name, version) : ModelStatistics =
        let input, infer, output = input.Read(), infer.Read(), output.Read()

        {
            Name = name
            Version = version
            LastInference = last
            InferenceCount = inferences
            ExecutionCount = executions
            InferenceStats =
                {
                    Success = success.Read()
                    Fail = fail.Read()
                    Queue = queue.Read()
                    ComputeInput = input
                    ComputeInfer = infer
                    ComputeOutput = output
                    CacheHit = hit.Read()
                    CacheMiss = miss.Read()
                }
            BatchStats =
                [|
                    if executions > 0L then
                        {
                            BatchSize = 1L
                            ComputeInput = input
                            ComputeInfer = infer
                            ComputeOutput = output
                        }
                |]
        }

/// Counts the requests of the Open Inference Protocol by model and version. Thread-safe.
[<Sealed>]
type InferenceCounters(clock: TimeProvider) =
    let gate = obj ()
    let counters = Dictionary<struct (string * string), ModelCounters>()

    let ofModel name version =
        match counters.TryGetValue(struct (name, version)) with
        | true, found -> found
        | _ ->
            let made = ModelCounters()
            counters[struct (name, version)] <- made
            made

    member _.Succeeded(name: string, version: string, elapsed: TimeSpan, answers: Classification[]) =
        lock gate (fun () -> (ofModel name version).Succeeded(clock.GetUtcNow(), elapsed, answers))

    member _.Failed(name: string, version: string, elapsed: TimeSpan) =
        lock gate (fun () -> (ofModel name version).Failed(clock.GetUtcNow(), elapsed))

    /// Returns the counts of a model that is in service, zeros before its first request.
    member _.Read(name: string, version: string) : ModelStatistics =
        lock gate (fun () ->
            match counters.TryGetValue(struct (name, version)) with
            | true, found -> found.Read(name, version)
            | _ -> ModelCounters().Read(name, version))
