namespace Web.Giraffe.Handlers

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Giraffe
open Transport
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference
open Web.Giraffe.Views

/// How many follow the workers now, and may.
[<Sealed>]
type Listeners(most: int) =
    let mutable count = 0

    /// Whoever got in leaves once.
    member _.TryEnter() =
        let entered = Interlocked.Increment &count <= most

        if not entered then
            Interlocked.Decrement &count |> ignore

        entered

    member _.Leave() = Interlocked.Decrement &count |> ignore

/// What the handlers work with; one for the life of the node.
type AppServices =
    {
        Settings: WebSettings
        /// `Pool:Model`, what the workers run.
        Model: string
        Assets: Layout.Assets
        Samples: Samples
        Api: ApiAccess
        Recognizer: IRecognizer
        Workers: IWorkerList
        Probe: IWorkerProbe
        Client: ClientSettings
        /// How long an answer shows that a worker works; nothing where workers without users are not checked.
        Freshness: TimeSpan option
        Budget: ByteBudget
        Admin: AdminAccess
        LoginThrottle: LoginThrottle
        /// Signs the confirmations of changes.
        ConfirmationKey: byte[]
        Clock: TimeProvider
        /// Whether the node was told to stop: no longer ready, though it still answers.
        Stopping: unit -> bool
        /// Ends what would go on for ever, when the node is told to stop.
        Ending: CancellationToken
        Traffic: Traffic
        Listeners: Listeners
        Logger: ILogger
    }

[<RequireQualifiedAccess>]
module AppServices =
    /// A problem as a page of its own.
    let problemPage (site: AppServices) (problem: Problem) : HttpHandler =
        Problem.head problem >=> htmlView (Layout.problem site.Assets problem)
        |> Problem.ending

    /// What the Open Inference Protocol has for every error: an object with a sentence.
    let inferenceError (problem: Problem) : HttpHandler =
        Problem.head problem >=> json ({ Error = problem.Detail }: InferenceError)
        |> Problem.ending

    let isInference (context: HttpContext) =
        context.Request.Path.StartsWithSegments(PathString "/v2")

    let isApi (context: HttpContext) =
        context.Request.Path.StartsWithSegments(PathString "/api")

    /// The form that fits the address: JSON below `/api` and `/v2`, else a page.
    let problem (site: AppServices) (problem: Problem) : HttpHandler =
        fun next context ->
            if isApi context then
                Problem.json problem next context
            elif isInference context then
                inferenceError problem next context
            else
                problemPage site problem next context

    /// For what routing and ASP.NET Core answer with a bare status: nothing at this address, the wrong method.
    let bareStatus (site: AppServices) (context: HttpContext) : Task =
        let told =
            match context.Response.StatusCode with
            | 404 -> Problem.notFound
            | 405 ->
                Problem.create
                    405
                    "Wrong method"
                    $"This address does not answer to {context.Request.Method}, but to {context.Response.Headers.Allow}."
            | 408 -> Upload.problem (BadRequest(408, "The body of the request came too slowly. Send it again."))
            | 503 -> Upload.problem OutOfRoom
            | 413 -> Upload.problem (TooLarge(site.Settings.MaxUpload, 0L))
            | status when status >= 500 ->
                Problem.create
                    status
                    "Something broke here"
                    "It was not your fault, and it was written down. Try again."
            | status ->
                Problem.create status "The request is not understood" "The server can't make sense of this request."

        problem site told earlyReturn context
