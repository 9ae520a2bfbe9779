/// Authorizes administrators, and refuses everyone else.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.AdminAuthorization

open System
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Giraffe
open Web.Giraffe

/// Returns the caller's address. An IPv4 caller of a dual-stack port loses the prefix of `::ffff:127.0.0.1`.
let callerName (context: HttpContext) =
    match context.Connection.RemoteIpAddress with
    | null -> "nobody"
    | address when address.IsIPv4MappedToIPv6 -> string (address.MapToIPv4())
    | address -> string address

let private requestOf (context: HttpContext) (changes: bool) : AdminRequest =
    {
        Caller = Option.ofObj context.Connection.RemoteIpAddress
        Host = context.Request.Host
        Headers = context.Request.Headers
        Method = context.Request.Method
        Changes = changes
    }

let private challenges =
    [|
        "Basic realm=\"Recognition administration\", charset=\"UTF-8\""
        "Bearer realm=\"Recognition administration\""
    |]

/// The delay of the response to a wrong token once its address has used up its allowance.
let private delay = TimeSpan.FromSeconds 1.0

let refuse (services: AppServices) (refusal: AdminRefusal) : HttpHandler =
    fun next context ->
        task {
            let problem = AdminProblem.create refusal

            HttpLog.adminRefused
                services.Logger
                problem.Status
                $"{refusal}"
                context.Request.Method
                (context.Request.Path.ToUriComponent())
                (callerName context)

            if problem.Status = 401 then
                context.Response.Headers.WWWAuthenticate <- StringValues challenges

            match refusal with
            | TooManyWrongTokens _ -> do! Task.Delay(delay, context.RequestAborted)
            | _ -> ()

            return! AppServices.problem services problem next context
        }

/// Authorizes administrators. `changes` is whether the route changes the list; `otherwise` may handle a request that
/// the guard refuses.
let guardOr
    (otherwise: AdminRefusal -> HttpHandler option)
    (services: AppServices)
    (changes: bool)
    (allowed: HttpHandler)
    : HttpHandler =
    fun next context ->
        match AdminGuard.check services.LoginThrottle services.Admin (requestOf context changes) with
        | Ok() -> allowed next context
        | Error refusal ->
            let handler =
                otherwise refusal |> Option.defaultWith (fun () -> refuse services refusal)

            handler next context

let guard (services: AppServices) (changes: bool) : HttpHandler =
    fun next -> guardOr (fun _ -> None) services changes (fun _ -> next) next
