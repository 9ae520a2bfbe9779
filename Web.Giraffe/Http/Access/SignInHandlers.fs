/// Signs users in to the page with an API key. The session token is in a cookie that scripts can't read and that other
/// sites' requests don't carry.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.SignInHandlers

open System
open System.Net
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe
open Web.Giraffe.Views

let private lifetime = TimeSpan.FromHours 12.0

/// The delay of the response to a wrong key once its address has used up its allowance.
let private delay = TimeSpan.FromSeconds 1.0

let private wrongKey =
    Problem.create 401 "Wrong key" "This key is not valid, or no longer valid. Check it, or ask the operator."

let private tooMany (wait: TimeSpan) =
    { Problem.create 429 "Too many wrong keys" "Your address has sent too many wrong keys. Wait, then try again." with
        RetryAfter = Some wait
    }

let private toHome: HttpHandler = BasePath.redirect 303 "/"

/// The sign-in page.
let page (services: AppServices) : HttpHandler =
    fun next context -> BasePath.view (SignInView.page services.Assets None) next context

let private cookieOptions (context: HttpContext) =
    CookieOptions(
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        IsEssential = true,
        Path = BasePath.ofContext context + "/"
    )

let private failed (services: AppServices) (context: HttpContext) =
    task {
        let address =
            context.Connection.RemoteIpAddress
            |> Option.ofObj
            |> Option.defaultValue IPAddress.None

        let problem =
            match services.LoginThrottle.Failed address with
            | Some wait -> tooMany wait
            | None -> wrongKey

        HttpLog.apiRefused
            services.Logger
            problem.Status
            problem.Title
            "/sign-in"
            (string (LoginThrottle.Network address))

        if problem.Status = 429 then
            do! Task.Delay(delay, context.RequestAborted)

        return
            Problem.head problem
            >=> BasePath.view (SignInView.page services.Assets (Some problem))
    }

/// Refuses other sites' pages, which must not sign anyone in or out.
let private ownPage (services: AppServices) (handler: HttpHandler) : HttpHandler =
    fun next context ->
        if ApiGuard.isCrossOrigin context.Request then
            AppServices.problem services ApiGuard.foreignPage next context
        else
            handler next context

/// `POST /sign-in` with the field `key`.
let signIn (services: AppServices) : HttpHandler =
    ownPage services (fun next context ->
        task {
            let! form = SmallForm.read context
            let key = (string form["key"]).Trim()

            if not services.Api.Keys.AreSet then
                return! toHome next context
            elif (services.Api.Keys.Find key).IsSome then
                let token =
                    services.Api.Keys.IssueSession(key, services.Clock.GetUtcNow() + lifetime)

                context.Response.Cookies.Append(ApiGuard.SessionCookie, token, cookieOptions context)
                return! toHome next context
            else
                let! answer = failed services context
                return! answer next context
        })

/// `POST /sign-out`.
let signOut (services: AppServices) : HttpHandler =
    ownPage services (fun next context ->
        context.Response.Cookies.Delete(ApiGuard.SessionCookie, cookieOptions context)
        toHome next context)
