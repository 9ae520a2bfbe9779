namespace Web.Giraffe

open System.Diagnostics
open System.Threading.Tasks
open Protocol.Core

/// The spans of one request below the one that ASP.NET Core opens for it: a wait for a worker's turn, and an exchange for
/// each worker that it is sent to. Nothing is made of them where nobody exports them.
[<RequireQualifiedAccess>]
module WorkersSpans =

    [<Literal>]
    let Source = "Recognition.Web"

    let private source = new ActivitySource(Source)

    /// Whether spans are exported, and thereby sampled by this node's own decision.
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

    /// One exchange, the `attempt`th of its request, from 1. The worker's own spans go below this one.
    let exchange
        (worker: WorkerAddress)
        (attempt: int)
        (wishes: ClassifyOptions)
        (ask: ClassifyOptions -> Task<Outcome>)
        : Task<Outcome> =
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
                        { wishes with
                            Trace = ValueOption.ofObj span.Id
                        }

                match outcome with
                | Failed(failure, _) -> failed span failure
                | Replied(Undecodable _) -> span.SetTag("recognition.outcome", "image_refused") |> ignore
                | Replied(Succeeded _) -> ()

                return outcome
            }

        match source.StartActivity("exchange", ActivityKind.Client) with
        | null -> ask wishes
        | span -> traced span
