namespace Web.Giraffe

open System.Diagnostics
open System.Threading.Tasks
open Protocol.Core

/// The spans of a request below ASP.NET Core's own span: one for the wait for a worker, and one for each exchange. None
/// are created unless they are exported.
[<RequireQualifiedAccess>]
module WorkersSpans =

    [<Literal>]
    let Source = "Recognition.Web"

    let private source = new ActivitySource(Source)

    /// Returns whether spans are exported, and thereby sampled by this node's own decision.
    let areExported () = source.HasListeners()

    let queue (wait: unit -> Task<'taken>) : Task<'taken> =
        if source.HasListeners() then
            task {
                use _ = source.StartActivity "queue"
                return! wait ()
            }
        else
            wait ()

    let private failed (span: Activity) (failure: Failure) =
        span.SetStatus(ActivityStatusCode.Error, Failure.describe failure).SetTag("error.type", $"{failure.Stage}")
        |> ignore

    /// Creates the span of the `attempt`th exchange of a request, from 1. The worker's own spans are its children.
    let exchange
        (worker: WorkerAddress)
        (attempt: int)
        (options: ClassifyOptions)
        (ask: ClassifyOptions -> Task<ExchangeOutcome>)
        : Task<ExchangeOutcome> =
        let traced (span: Activity) =
            task {
                use span = span

                span
                    .SetTag("server.address", worker.Host)
                    .SetTag("server.port", worker.Port)
                    .SetTag("recognition.attempt", attempt)
                |> ignore

                let! outcome =
                    ask
                        { options with
                            Trace = ValueOption.ofObj span.Id
                        }

                match outcome with
                | Failed(failure, _) -> failed span failure
                | PictureRefused _ -> span.SetTag("recognition.outcome", "image_refused") |> ignore
                | Succeeded _ -> ()

                return outcome
            }

        match source.StartActivity("exchange", ActivityKind.Client) with
        | null -> ask options
        | span -> traced span
