/// Lets callers through that send a key, where keys are set, and no more pictures than are allowed.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ApiGuard

open System
open System.Net
open System.Net.Http.Headers
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Giraffe
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Views

let keyNeeded =
    Problem.create 401 "Key needed" "Send one of Api:Keys as a Bearer token, or in the header X-API-Key."

let wrongKey =
    Problem.create 401 "Wrong key" "That is none of Api:Keys, or no longer. Ask the operator for a key."

let tooMany (wait: TimeSpan) =
    { Problem.create
          429
          "Too many pictures"
          "More pictures came than one key or address may send (Api:RequestsPerSecond, Api:Burst). Wait as long as Retry-After says." with
        RetryAfter = Some wait
    }

let foreignPage =
    Problem.create
        403
        "Refused"
        "Another web page sent this request. Load this service's own page. Behind a proxy that changes the header Host, let it pass Host on."

/// The same for whoever sees it on a page, where nobody sends headers.
let private forPeople (problem: Problem) =
    match problem.Status, Problem.retrySeconds problem with
    | 429, Some wait ->
        { problem with
            Detail = $"Too many pictures came from you. Try again in {wait} s."
        }
    | _ -> problem

/// What problems the guard has.
let problems = [ keyNeeded; wrongKey; tooMany TimeSpan.Zero ]

[<Literal>]
let SessionCookie = "recognition-session"

type private Credentials =
    | Nothing
    | Key of string
    /// A browser sends along what it was given for another page of ours.
    | Password of string

let private shown (request: HttpRequest) =
    match string request.Headers["X-API-Key"] with
    | "" ->
        match AuthenticationHeaderValue.TryParse(string request.Headers.Authorization) with
        | true, NonNull value when value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ->
            Key(string value.Parameter)
        | true, NonNull value when value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ->
            AdminGuard.passwordOf value
            |> Option.map Password
            |> Option.defaultValue Nothing
        | _ -> Nothing
    | key -> Key key

/// Whether a page of this node sent the request, by the browser's headers. A program can send the same ones: it is no
/// credential.
let private fromOwnPage (request: HttpRequest) =
    RequestSource.read request.Host request.Headers = OwnPage

/// Whether another origin's page made the browser send the request. The session's cookie is `SameSite=Strict`, which
/// lets pages on other ports and subdomains use it; this doesn't.
let isForeign (request: HttpRequest) =
    match RequestSource.read request.Host request.Headers with
    | CrossSite
    | SameSite
    | OtherOrigin -> not (HttpMethods.IsGet request.Method || HttpMethods.IsHead request.Method)
    | OwnPage
    | Typed
    | UnknownPage
    | Program -> false

// In the request's items: who sends it, and whether by the page's session.
let private caller = obj ()
let private session = obj ()

/// Whether the request has the session's cookie of a key that is good.
let isSignedIn (context: HttpContext) = context.Items.ContainsKey session

let private addressOf (context: HttpContext) =
    match context.Connection.RemoteIpAddress with
    | null -> IPAddress.None
    | address -> LoginThrottle.Network address
    |> string

let private bySession (site: AppServices) (context: HttpContext) =
    match context.Request.Cookies.TryGetValue SessionCookie with
    | true, NonNull token ->
        match site.Api.Keys.FindSession token with
        | Some _ when isForeign context.Request -> Some(Error foreignPage)
        | Some key ->
            context.Items[session] <- true
            Some(Ok key)
        | None -> None
    | _ -> None

/// Who asks, as the limit counts: a key, or an address.
let private identify (site: AppServices) (isPage: bool) (context: HttpContext) =
    let address = addressOf context
    let keys = site.Api.Keys

    let isOpen =
        site.Api.Settings.Page = PageAccess.Open
        && (isPage || fromOwnPage context.Request)

    let without problem =
        match bySession site context with
        | Some result -> result
        | None when isOpen -> Ok address
        | None -> Error problem

    if not keys.AreSet then
        Ok address
    else
        match shown context.Request with
        | Key given -> keys.Find given |> Option.map Ok |> Option.defaultValue (Error wrongKey)
        | Password given ->
            match keys.Find given with
            | Some key -> Ok key
            | None -> without wrongKey
        | Nothing -> without keyNeeded

/// Takes as many more pictures of the caller's allowance; or the problem.
let take (site: AppServices) (context: HttpContext) (pictures: int) : Result<unit, Problem> =
    match context.Items.TryGetValue caller with
    | true, (:? string as who) when pictures > 0 ->
        match site.Api.Limit.Take(who, pictures) with
        | None -> Ok()
        | Some wait -> Error(tooMany wait)
    | _ -> Ok()

let private refuse (site: AppServices) (isPage: bool) (problem: Problem) : HttpHandler =
    fun next context ->
        HttpLog.apiRefused
            site.Logger
            problem.Status
            problem.Title
            (context.Request.Path.ToUriComponent())
            (addressOf context)

        if problem.Status = 401 then
            // None that a browser would ask for: the page has its own form.
            context.Response.Headers.WWWAuthenticate <- StringValues "Bearer realm=\"Recognition API\""

        let answer =
            if isPage && problem.Status = 401 then
                Problem.head problem >=> htmlView (SignInView.page site.Assets None)
                |> Problem.ending
            else
                AppServices.problem site (if isPage then forPeople problem else problem)

        answer next context

let private guard (isPage: bool) (pictures: int) (site: AppServices) : HttpHandler =
    fun next context ->
        let allowed =
            identify site isPage context
            |> Result.bind (fun who ->
                context.Items[caller] <- who
                take site context pictures)

        match allowed with
        | Ok() -> next context
        | Error problem -> refuse site isPage problem next context

/// For the API's routes that look at no picture.
let key (site: AppServices) = guard false 0 site

/// For those that do: the first picture is taken here.
let picture (site: AppServices) = guard false 1 site

let page (site: AppServices) = guard true 0 site
let pagePicture (site: AppServices) = guard true 1 site
