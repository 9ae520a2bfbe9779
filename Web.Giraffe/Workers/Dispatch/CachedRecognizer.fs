namespace Web.Giraffe

open System
open System.Buffers
open System.Diagnostics
open System.Security.Cryptography
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Caching.Hybrid
open Protocol.Core

/// Returns a result without storing it: the cache stores whatever its factory returns, so this is thrown instead.
[<Sealed>]
type private NotStored(result: Result<Classification, ClassifyError>) =
    inherit Exception()
    member _.Result = result

/// Answers a picture that was classified before by the same model, version and files, with the same options. Requests
/// for the same picture at the same time share one exchange. Only answers are stored, no errors.
[<Sealed>]
type CachedRecognizer(inner: IRecognizer, cache: HybridCache, directory: ModelDirectory, time: TimeProvider) =

    static let entryOptions = HybridCacheEntryOptions(Expiration = TimeSpan.FromHours 1.0)

    let hash (image: ReadOnlySequence<byte>) =
        use sha = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for segment in image do
            sha.AppendData segment.Span

        Convert.ToHexString(sha.GetHashAndReset())

    let keyOf (model: ModelDescription) (options: ClassifyOptions) image =
        let top = options.Top |> ValueOption.defaultValue 5
        $"{model.Id}@{model.Version}/{model.Digest}/{top}/{options.Explain}/{hash image}"

    /// Returns whether the model of the key made the answer: the worker may have changed its models since the key was
    /// made, and a plain worker does not name its model.
    let isOf (model: ModelDescription) (answer: Classification) =
        answer.Recognition.Model = model.Id
        && answer.Recognition.Version = model.Version
        && match directory.Of answer.Worker with
           | ValueSome served ->
               served.Revision = answer.Recognition.Revision
               && served.Models
                  |> Array.exists (fun other ->
                      other.Id = model.Id
                      && other.Version = model.Version
                      && other.Digest = model.Digest)
           | ValueNone -> false

    // entry = worker LF recognition
    let write (answer: Classification) : byte[] =
        Array.append
            (Encoding.UTF8.GetBytes $"{answer.Worker}\n")
            (RecognitionJson.write
                0u
                { answer.Recognition with
                    Times = [||]
                    Values = [||]
                })

    let read (entry: byte[]) (elapsed: TimeSpan) : Classification =
        let line = Array.IndexOf(entry, '\n'B)

        match
            WorkerAddress.tryParse (Encoding.UTF8.GetString(entry, 0, line)),
            RecognitionJson.tryRead 0u entry[line + 1 ..]
        with
        | Ok worker, Ok(Ok recognition) ->
            {
                Recognition = recognition
                Worker = worker
                Elapsed = elapsed
                Attempts = 0
                IsCached = true
            }
        | _ -> invalidOp "An entry of the cache can't be read."

    let classify (image: ReadOnlySequence<byte>) options (model: ModelDescription) (cancel: CancellationToken) =
        task {
            let began = time.GetTimestamp()
            let own = ref ValueNone
            let parent = Activity.Current

            // For the first of several requests only. It ends early only if all of them are cancelled.
            let make (cancel: CancellationToken) =
                task {
                    // The cache starts this without the request's context, which spans and logs need.
                    Activity.Current <- parent
                    let! result = inner.Classify(image, options, cancel)
                    own.Value <- ValueSome result

                    match result with
                    | Ok answer when isOf model answer -> return write answer
                    | result -> return raise (NotStored result)
                }

            let shared (result: Result<Classification, ClassifyError>) =
                result
                |> Result.map (fun answer ->
                    { answer with
                        Recognition = { answer.Recognition with Times = [||] }
                        Elapsed = time.GetElapsedTime began
                        Attempts = 0
                        IsCached = true
                    })

            try
                let! entry =
                    cache.GetOrCreateAsync(
                        keyOf model options image,
                        Func<CancellationToken, ValueTask<byte[]>>(fun cancel -> ValueTask<byte[]>(make cancel)),
                        entryOptions,
                        null,
                        cancel
                    )

                WorkersMetrics.cached own.Value.IsNone

                return
                    own.Value
                    |> ValueOption.defaultWith (fun () -> Ok(read entry (time.GetElapsedTime began)))
            with :? NotStored as other ->
                WorkersMetrics.cached own.Value.IsNone
                return own.Value |> ValueOption.defaultWith (fun () -> shared other.Result)
        }

    interface IRecognizer with
        member _.Classify(image, options, cancel) =
            match directory.InService options.Model with
            // Tensors are rarely repeated, and values are large.
            | ValueSome model when not (ClassifyOptions.needTensors options) -> classify image options model cancel
            | _ -> inner.Classify(image, options, cancel)
