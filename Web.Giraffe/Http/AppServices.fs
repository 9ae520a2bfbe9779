namespace Web.Giraffe.Handlers

open System
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Giraffe
open Protocol.Core
open Node.Hosting
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference
open Web.Giraffe.Views

/// Counts the clients that follow something, up to a limit.
[<Sealed>]
type Listeners(most: int) =
    let mutable count = 0

    /// Returns whether there was a place. If so, the caller calls `Leave` once.
    member _.TryEnter() =
        let entered = Interlocked.Increment &count <= most

        if not entered then
            Interlocked.Decrement &count |> ignore

        entered

    member _.Leave() = Interlocked.Decrement &count |> ignore

/// The dependencies of the handlers; one instance for the life of the node.
type AppServices =
    {
        Settings: WebSettings
        /// The models that the workers serve.
        Models: ModelDirectory
        /// Returns the class names of a worker's model; none if the worker can't be queried.
        Labels: WorkerAddress * ModelDescription -> Task<string[] voption>
        Assets: Layout.Assets
        Samples: Samples
        /// Fetches pictures by their address; none if no network is allowed.
        Fetcher: ImageFetcher option
        Api: ApiAccess
        Recognizer: IRecognizer
        Workers: IWorkerList
        Probe: IWorkerProbe
        Client: ClientSettings
        /// How long an answer proves that a worker is healthy; none if idle workers are not checked.
        Freshness: TimeSpan option
        Budget: ByteBudget
        Admin: AdminAccess
        LoginThrottle: LoginThrottle
        /// The key that signs confirmations of changes.
        ConfirmationKey: byte[]
        Clock: TimeProvider
        /// Whether the node is stopping. It is no longer ready, though it still answers.
        Stopping: unit -> bool
        /// Cancels endless responses when the node stops.
        Ending: CancellationToken
        Traffic: Traffic
        /// Counts the requests of the Open Inference Protocol.
        Inferences: InferenceCounters
        /// Of the workers' live page.
        Listeners: Listeners
        /// Of gRPC's health.
        Watchers: Listeners
        Logger: ILogger
    }

[<RequireQualifiedAccess>]
module AppServices =
    /// Returns the problem as a page.
    let problemPage (services: AppServices) (problem: Problem) : HttpHandler =
        // Made for each request, in its language.
        let page: HttpHandler =
            fun next context -> BasePath.view (Layout.problem services.Assets problem) next context

        Problem.head problem >=> page |> Problem.ending

    /// Writes the object as `application/json` without a charset: KServe's client compares the type literally.
    let inferenceJson<'T> (value: 'T) : HttpHandler =
        handleContext (fun context ->
            task {
                let options: JsonSerializerOptions | null = null
                do! context.Response.WriteAsJsonAsync(value, options, "application/json", context.RequestAborted)
                return Some context
            })

    /// Returns an error of the Open Inference Protocol: an object with one sentence.
    let inferenceError (problem: Problem) : HttpHandler =
        Problem.head problem
        >=> inferenceJson ({ Error = problem.Detail }: InferenceError)
        |> Problem.ending

    let isInference (context: HttpContext) =
        context.Request.Path.StartsWithSegments(PathString "/v2")
        || context.Request.Path.StartsWithSegments(PathString "/v1")

    /// Returns whether the address is Hugging Face's, whose errors have the form of the Open Inference Protocol's.
    let isHuggingFace (context: HttpContext) =
        HttpMethods.IsPost context.Request.Method
        && context.Request.Path.StartsWithSegments(PathString "/models")

    let isApi (context: HttpContext) =
        context.Request.Path.StartsWithSegments(PathString "/api")

    /// Returns the problem in the format of the address: JSON below `/api`, `/v1` and `/v2`, a status for gRPC, else a page.
    let problem (services: AppServices) (problem: Problem) : HttpHandler =
        fun next context ->
            if GrpcRequest.is context.Request then
                (handleContext (fun context ->
                    task {
                        do! GrpcProblem.answer problem context
                        return Some context
                    })
                 |> Problem.ending)
                    next
                    context
            elif isApi context then
                Problem.json problem next context
            elif isInference context || isHuggingFace context then
                inferenceError problem next context
            else
                problemPage services problem next context

    /// Adds a body to the bare status codes of routing and ASP.NET Core, such as 404 and 405.
    let bareStatus (services: AppServices) (context: HttpContext) : Task =
        let shown =
            match context.Response.StatusCode with
            | 404 when GrpcRequest.is context.Request ->
                Problem.create
                    501
                    "No such method"
                    $"There is no method {context.Request.Path}. ServerMetadata lists the extensions of the protocol that this server has."
            | 404 when isInference context ->
                { Problem.notFound with
                    Detail =
                        $"{Problem.notFound.Detail} GET /v2 lists the extensions of the protocol that this server has."
                }
            | 404 -> Problem.notFound
            | 405 ->
                Problem.create
                    405
                    "Method not allowed"
                    $"{context.Request.Method} is not supported here. Use {context.Response.Headers.Allow}."
            | 408 -> UploadFault.problem (BadRequest(408, "The request body arrived too slowly. Send it again."))
            | 503 -> UploadFault.problem OutOfRoom
            | 413 ->
                let limit =
                    match context.Features.Get<RequestBody>() with
                    | NonNull body -> body.Limit
                    | _ -> RequestBody.DefaultLimit

                UploadFault.problem (RequestTooLarge(limit, 0L))
            | status when status >= 500 ->
                Problem.create status "Internal error" "The error has been logged. Try again."
            | status -> Problem.create status "The request is not understood" "The server can't parse this request."

        problem services shown earlyReturn context
