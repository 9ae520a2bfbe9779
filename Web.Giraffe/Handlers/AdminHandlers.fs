/// The worker list: the admin page, the admin URLs, and the same as JSON.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.AdminHandlers

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

let private badAddress error =
    let reason = AddressError.describe error
    let reason = reason.Substring(0, 1).ToUpperInvariant() + reason.Substring 1
    Problem.create 400 "Not a worker's address" $"{reason}. Nothing was changed."

let private status =
    function
    | Added -> 201
    | Removed -> 200
    | AlreadyThere -> 409
    | NotThere -> 404

/// `GET /add/HOST:PORT` and `GET /del/HOST:PORT`.
let changeByUrl (site: Site) (change: WorkerAddress -> ListChange) (text: string) : HttpHandler =
    match WorkerAddress.tryParse text with
    | Error error -> fun next context -> Site.problemPage site (badAddress error) next context
    | Ok address ->
        fun next context ->
            let change = change address

            (setStatusCode (status change)
             >=> htmlView (WorkersView.changed site.Assets change address))
                next
                context

let private list (site: Site) notice : HttpHandler =
    fun next context ->
        let view =
            WorkersView.page site.Assets (site.Clock.GetUtcNow()) (site.Workers.Report()) notice

        htmlView view next context

let workersPage (site: Site) : HttpHandler = list site None

/// The admin page's forms: the fields `action` (`add` or `remove`) and `address`. The page again, with a message.
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

            let made change address =
                let change = change address
                let tone, heading, text = WorkersView.said change address
                let code = if change = Added then 200 else status change
                setStatusCode code >=> list site (Some(Layout.notice tone heading text))

            let refused (problem: Problem) =
                Problem.head problem
                >=> list site (Some(Layout.notice Layout.Bad problem.Title problem.Detail))

            let answer =
                match fst fields, WorkerAddress.tryParse (snd fields) with
                | "add", Ok address -> made site.Workers.Add address
                | "remove", Ok address -> made site.Workers.Remove address
                | ("add" | "remove"), Error error -> refused (badAddress error)
                | _ ->
                    refused (
                        Problem.create 400 "Not understood" "The form says neither add nor remove. Nothing was changed."
                    )

            return! answer next context
        }

let workersApi (site: Site) : HttpHandler =
    fun next context -> json (Json.workers (site.Workers.Report())) next context

let private withAddress (text: string) (handler: WorkerAddress -> HttpHandler) : HttpHandler =
    match WorkerAddress.tryParse text with
    | Error error -> Problem.json (badAddress error)
    | Ok address -> handler address

let private notThere (address: WorkerAddress) =
    Problem.create 404 "Not there" $"{address} is not in the list."

let workerApi (site: Site) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        match site.Workers.Report() |> Array.tryFind (fun worker -> worker.Address = address) with
        | Some worker -> json (Json.worker worker) next context
        | None -> Problem.json (notThere address) next context)

/// PUT says what the list shall hold, so putting twice is no error: 201, then 200.
let putApi (site: Site) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        let change = site.Workers.Add address
        let code = if change = Added then 201 else 200
        let _, heading, _ = WorkersView.said change address
        (setStatusCode code >=> json (Json.change address heading)) next context)

let deleteApi (site: Site) (text: string) : HttpHandler =
    withAddress text (fun address next context ->
        match site.Workers.Remove address with
        | NotThere -> Problem.json (notThere address) next context
        | change ->
            let _, heading, _ = WorkersView.said change address
            json (Json.change address heading) next context)
