/// The worker list: the admin page and the admin URLs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.AdminHandlers

open System
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Giraffe
open Web.Giraffe
open Web.Giraffe.Views

/// An IPv4 caller at a port for both families arrives as `::ffff:127.0.0.1`; people know it without that.
let private callerName (context: HttpContext) =
    match context.Connection.RemoteIpAddress with
    | null -> "nobody"
    | address when address.IsIPv4MappedToIPv6 -> string (address.MapToIPv4())
    | address -> string address

/// Lets through who may administer; `changes` tells whether the route changes the list.
let guard (site: Site) (changes: bool) : HttpHandler =
    fun next context ->
        let request =
            {
                Caller = Option.ofObj context.Connection.RemoteIpAddress
                Host = context.Request.Host
                Headers = context.Request.Headers
                Changes = changes
            }

        match AdminGuard.check site.WrongTokens site.Settings.AdminToken request with
        | Ok() -> next context
        | Error refusal ->
            let problem = AdminGuard.problem refusal

            FaceLog.adminRefused
                site.Logger
                problem.Status
                $"{refusal}"
                context.Request.Method
                (context.Request.Path.ToUriComponent())
                (callerName context)

            match refusal with
            | TokenMissing
            | TokenWrong ->
                context.Response.Headers.WWWAuthenticate <-
                    Microsoft.Extensions.Primitives.StringValues
                        [|
                            "Basic realm=\"Recognition administration\", charset=\"UTF-8\""
                            "Bearer realm=\"Recognition administration\""
                        |]
            | _ -> ()

            Site.problem site problem next context

let badAddress error =
    let reason = AddressError.describe error
    let reason = reason.Substring(0, 1).ToUpperInvariant() + reason.Substring 1
    Problem.create 400 "Not a worker's address" $"{reason}. Nothing was changed."

let status =
    function
    | Added -> 201
    | Removed
    | Rested
    | Resumed -> 200
    | AlreadyThere
    | AlreadyResting
    | NotResting -> 409
    | NotThere -> 404
    | NotAllowed _ -> 403

/// What a request does to the list.
type Change = Site -> HttpContext -> WorkerAddress -> Task<ListChange>

/// Adds a worker whose address the settings allow; it is looked up no longer than a connection may take.
let add (site: Site) (context: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    task {
        use late = CancellationTokenSource.CreateLinkedTokenSource context.RequestAborted
        late.CancelAfter site.Client.Connect

        let! resolved =
            task {
                try
                    return! AllowedNetworks.resolve site.Client.Allowed address late.Token
                with :? OperationCanceledException when not context.RequestAborted.IsCancellationRequested ->
                    return Error(Unresolved(address, "no answer in time"))
            }

        match resolved with
        | Ok _ -> return site.Workers.Add address
        | Error refusal ->
            let reason = AddressRefusal.describe refusal
            FaceLog.addressRefused site.Logger address (callerName context) reason
            return NotAllowed reason
    }

let remove (site: Site) (_: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    Task.FromResult(site.Workers.Remove address)

let drain (site: Site) (_: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    Task.FromResult(site.Workers.Drain address)

let resume (site: Site) (_: HttpContext) (address: WorkerAddress) : Task<ListChange> =
    Task.FromResult(site.Workers.Resume address)

/// `GET /add/HOST:PORT` and `GET /del/HOST:PORT`.
let changeByUrl (site: Site) (change: Change) (text: string) : HttpHandler =
    match WorkerAddress.tryParse text with
    | Error error -> fun next context -> Site.problemPage site (badAddress error) next context
    | Ok address ->
        fun next context ->
            task {
                let! change = change site context address
                let page = htmlView (WorkersView.changed site.Assets change address)
                return! (setStatusCode (status change) >=> page) next context
            }

let private list (site: Site) notice : HttpHandler =
    fun next context ->
        let view =
            WorkersView.page site.Assets (site.Clock.GetUtcNow()) (site.Workers.Report()) notice

        htmlView view next context

let workersPage (site: Site) : HttpHandler = list site None

/// The admin page's forms: the fields `action` (`add`, `remove`, `drain`, `resume` or `probe`) and `address`. The page
/// again, with a message.
let changeByForm (site: Site) : HttpHandler =
    fun next context ->
        task {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize <-
                System.Nullable 16384L

            let! fields =
                task {
                    if context.Request.HasFormContentType then
                        let! form = context.Request.ReadFormAsync context.RequestAborted
                        return string form["action"], (string form["address"]).Trim()
                    else
                        return "", ""
                }

            let made (change: Change) address =
                task {
                    let! change = change site context address
                    let tone, heading, text = WorkersView.said change address
                    let code = if change = Added then 200 else status change
                    return setStatusCode code >=> list site (Some(Layout.notice tone heading text))
                }

            let refused (problem: Problem) =
                Problem.head problem
                >=> list site (Some(Layout.notice Layout.Bad problem.Title problem.Detail))
                |> Task.FromResult

            let probed address =
                task {
                    let! probed = site.Probe.Probe(address, context.RequestAborted)
                    let tone, heading, text = WorkersView.probed probed address
                    return list site (Some(Layout.notice tone heading text))
                }

            let! answer =
                match fst fields, WorkerAddress.tryParse (snd fields) with
                | "add", Ok address -> made add address
                | "remove", Ok address -> made remove address
                | "drain", Ok address -> made drain address
                | "resume", Ok address -> made resume address
                | "probe", Ok address -> probed address
                | ("add" | "remove" | "drain" | "resume" | "probe"), Error error -> refused (badAddress error)
                | _ ->
                    refused (
                        Problem.create
                            400
                            "Not understood"
                            "The form says neither add, remove, drain, resume nor probe. Nothing was changed."
                    )

            return! answer next context
        }
