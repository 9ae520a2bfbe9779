namespace Web.Giraffe

open System
open System.Threading.Tasks

/// Sends pictures to leased workers, and measures and traces the exchanges.
[<Sealed>]
type LeasedExchanges(pool: WorkerPool, client: WorkerClient, time: TimeProvider) =

    let measured (lease: Lease) (elapsed: TimeSpan) outcome =
        match outcome with
        | Succeeded recognition -> WorkersMetrics.exchanged lease.Address "answered" elapsed recognition.Times
        | PictureRefused _ -> WorkersMetrics.exchanged lease.Address "image_refused" elapsed [||]
        | Failed _ -> WorkersMetrics.exchanged lease.Address "failed" elapsed [||]

    /// Returns the outcome, and whether the exchange was plain. If it is cancelled, abandons the lease when it is over.
    member _.Send
        (lease: Lease, request: DispatchedRequest, options: ClassifyOptions, timeout: TimeSpan)
        : Task<struct (ExchangeOutcome * bool)> =
        task {
            let began = time.GetTimestamp()
            let pending = ref ValueNone

            try
                let! outcome =
                    WorkersSpans.exchange lease.Address (request.Tried.Count + 1) options (fun options ->
                        let exchange =
                            client.Begin(lease.Address, request.Image, options, timeout, request.Cancel)

                        pending.Value <- ValueSome exchange
                        exchange.Outcome)

                measured lease (time.GetElapsedTime began) outcome
                return struct (outcome, pending.Value.Value.IsPlain())
            with ex ->
                // The worker stays occupied until the exchange is over.
                match pending.Value with
                | ValueSome exchange ->
                    exchange.WaitForCompletion().ContinueWith(fun (_: Task) -> pool.Abandoned lease)
                    |> ignore
                | ValueNone -> pool.Abandoned lease

                return Exceptions.rethrow ex
        }
