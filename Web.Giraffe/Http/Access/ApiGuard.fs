/// Requires an API key if keys are configured, and limits the number of pictures.
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
    Problem.create 401 "API key required" "Send one of Api:Keys as a Bearer token, or in the header X-API-Key."

let wrongKey =
    Problem.create 401 "Wrong key" "The key is not one of Api:Keys. Ask the operator for a valid key."

let tooMany (wait: TimeSpan) =
    { Problem.create
          429
          "Too many pictures"
          $"This key or address exceeded its limit (Api:RequestsPerSecond, Api:Burst). Try again in {max 1 (int (ceil wait.TotalSeconds))} s." with
        RetryAfter = Some wait
    }

/// Retrying can't help: the request has more pictures than the burst size.
let tooManyAtOnce (burst: int) =
    Problem.create
        400
        "Too many pictures in one request"
        $"A request may have up to {burst} pictures (Api:Burst). Send them in several requests."

let foreignPage =
    Problem.create
        403
        "Not allowed"
        "Another web page sent this request. Load this service's own page. If a proxy changes the Host header, configure it to pass Host on."

/// Rewords the problem for a page, where users send no headers.
let private forPage (problem: Problem) =
    match problem.Status, Problem.retrySeconds problem with
    | 429, Some wait ->
        { problem with
            Detail = $"Too many pictures came from you. Try again in {wait} s."
        }
    | _ -> problem

/// The problems that the guard can return.
let problems = [ keyNeeded; wrongKey; tooMany TimeSpan.Zero ]

[<Literal>]
let SessionCookie = "recognition-session"

type private Credentials =
    | Nothing
    | Key of string
    /// Browsers also send a password that was entered for another page of this node.
    | Password of string

let private credentials (request: HttpRequest) =
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

/// Returns whether a page of this node sent the request, by the browser's headers. A program can forge them, so they
/// are no credential.
let private fromOwnPage (request: HttpRequest) =
    RequestSource.read request.Host request.Headers = OwnPage

/// Returns whether another origin's page caused the browser to send the request. The session cookie is
/// `SameSite=Strict`, which alone admits pages on other ports and subdomains.
let isCrossOrigin (request: HttpRequest) =
    match RequestSource.read request.Host request.Headers with
    | CrossSite
    | SameSite
    | OtherOrigin -> not (HttpMethods.IsGet request.Method || HttpMethods.IsHead request.Method)
    | OwnPage
    | Typed
    | UnknownPage
    | Program -> false

// Keys of the request's items: the caller, and whether the page's session identifies it.
let private caller = obj ()
let private session = obj ()

/// Returns whether the request has a session cookie for a valid key.
let isSignedIn (context: HttpContext) = context.Items.ContainsKey session

let private addressOf (context: HttpContext) =
    match context.Connection.RemoteIpAddress with
    | null -> IPAddress.None
    | address -> LoginThrottle.Network address
    |> string

let private authenticateSession (services: AppServices) (context: HttpContext) =
    match context.Request.Cookies.TryGetValue SessionCookie with
    | true, NonNull token ->
        match services.Api.Keys.FindSession token with
        | Some _ when isCrossOrigin context.Request -> Some(Error foreignPage)
        | Some key ->
            context.Items[session] <- true
            Some(Ok key)
        | None -> None
    | _ -> None

/// Returns the caller that the limit applies to: a key or an address.
let private identify (services: AppServices) (isPage: bool) (context: HttpContext) =
    let address = addressOf context
    let keys = services.Api.Keys

    let isOpen =
        services.Api.Settings.Page = PageAccess.Open
        && (isPage || fromOwnPage context.Request)

    let without problem =
        match authenticateSession services context with
        | Some result -> result
        | None when isOpen -> Ok address
        | None -> Error problem

    if not keys.AreSet then
        Ok address
    else
        match credentials context.Request with
        | Key given -> keys.Find given |> Option.map Ok |> Option.defaultValue (Error wrongKey)
        | Password given ->
            match keys.Find given with
            | Some key -> Ok key
            | None -> without wrongKey
        | Nothing -> without keyNeeded

/// Takes more pictures from the caller's allowance, or returns the problem.
let acquire (services: AppServices) (context: HttpContext) (pictures: int) : Result<unit, Problem> =
    match context.Items.TryGetValue caller with
    | true, (:? string as client) when pictures > 0 ->
        match services.Api.Limit.Take(client, pictures) with
        | None -> Ok()
        | Some wait -> Error(tooMany wait)
    | _ -> Ok()

/// Takes all pictures of a request that is answered as a whole, or returns the problem; `acquired` of them are taken
/// already.
let acquireAll (services: AppServices) (context: HttpContext) (pictures: int) (acquired: int) : Result<unit, Problem> =
    let settings = services.Api.Settings

    if settings.Rate > 0.0 && pictures > settings.Burst then
        Error(tooManyAtOnce settings.Burst)
    else
        acquire services context (pictures - acquired)

let private refuse (services: AppServices) (isPage: bool) (problem: Problem) : HttpHandler =
    fun next context ->
        HttpLog.apiRefused
            services.Logger
            problem.Status
            problem.Title
            (context.Request.Path.ToUriComponent())
            (addressOf context)

        if problem.Status = 401 then
            // No Basic challenge, which would open the browser's dialog: the page has its own form.
            context.Response.Headers.WWWAuthenticate <- StringValues "Bearer realm=\"Recognition API\""

        let answer =
            if isPage && problem.Status = 401 then
                Problem.head problem >=> BasePath.view (SignInView.page services.Assets None)
                |> Problem.ending
            else
                AppServices.problem services (if isPage then forPage problem else problem)

        answer next context

/// Adds the headers with the caller's limit, as it is when the response starts.
let private addLimitHeaders (services: AppServices) (client: string) (context: HttpContext) =
    context.Response.OnStarting(fun () ->
        for name, value in services.Api.Limit.Headers client do
            context.Response.Headers[name] <- value

        Threading.Tasks.Task.CompletedTask)

let private guard (isPage: bool) (pictures: int) (services: AppServices) : HttpHandler =
    fun next context ->
        let allowed =
            identify services isPage context
            |> Result.bind (fun client ->
                context.Items[caller] <- client
                addLimitHeaders services client context
                acquire services context pictures)

        match allowed with
        | Ok() -> next context
        | Error problem -> refuse services isPage problem next context

/// Guards the API routes that classify no picture.
let key (services: AppServices) = guard false 0 services

/// Guards the API routes that classify pictures. Takes the first picture from the allowance.
let picture (services: AppServices) = guard false 1 services

let page (services: AppServices) = guard true 0 services
let pagePicture (services: AppServices) = guard true 1 services
