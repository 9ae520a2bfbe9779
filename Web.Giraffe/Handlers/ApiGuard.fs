/// Lets through who brings a key, where keys are set, and no more pictures than are allowed.
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

/// The same for whoever sees it on a page, where nobody sends headers.
let private forPeople (problem: Problem) =
    match problem.Status, Problem.retrySeconds problem with
    | 401, _ ->
        { problem with
            Detail =
                "This server answers only those who have its key. Load this page again and give the key as the password, with any user name; whoever runs the server has it."
        }
    | 429, Some wait ->
        { problem with
            Detail = $"The server asks for a little patience. Try again in {wait} s."
        }
    | _ -> problem

/// What problems the guard has.
let problems = [ keyNeeded; wrongKey; tooMany TimeSpan.Zero ]

type private Shown =
    | Nothing
    | Key of string
    /// A browser sends along what it was told for another page of ours.
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

/// The browser's own word that a page of this node sent it; where it gives none (plain HTTP to another machine), the
/// page's origin. It keeps no program out: one can say the same.
let private fromOwnPage (request: HttpRequest) =
    RequestSource.read request.Host request.Headers = OwnPage

// In the request's items: who sends it.
let private caller = obj ()

let private addressOf (context: HttpContext) =
    match context.Connection.RemoteIpAddress with
    | null -> IPAddress.None
    | address -> LoginThrottle.Network address
    |> string

/// Who asks, as the limit counts: a key, or an address.
let private identify (site: Site) (isPage: bool) (context: HttpContext) =
    let address = addressOf context
    let keys = site.Api.Keys

    let isOpen =
        site.Api.Settings.Page = PageAccess.Open
        && (isPage || fromOwnPage context.Request)

    if not keys.AreSet then
        Ok address
    else
        match shown context.Request with
        | Key given -> keys.Find given |> Option.map Ok |> Option.defaultValue (Error wrongKey)
        | Password given ->
            match keys.Find given with
            | Some key -> Ok key
            | None -> if isOpen then Ok address else Error wrongKey
        | Nothing -> if isOpen then Ok address else Error keyNeeded

let private challenge (site: Site) (isPage: bool) (context: HttpContext) =
    let people =
        site.Api.Settings.Page = PageAccess.Key
        && (isPage || fromOwnPage context.Request)

    context.Response.Headers.WWWAuthenticate <-
        StringValues
            [|
                // The browser asks for it; its user name is no matter.
                if people then
                    "Basic realm=\"Recognition\", charset=\"UTF-8\""
                "Bearer realm=\"Recognition API\""
            |]

/// Takes as many more pictures of the caller's allowance; or the problem.
let take (site: Site) (context: HttpContext) (pictures: int) : Result<unit, Problem> =
    match context.Items.TryGetValue caller with
    | true, (:? string as who) when pictures > 0 ->
        match site.Api.Limit.Take(who, pictures) with
        | None -> Ok()
        | Some wait -> Error(tooMany wait)
    | _ -> Ok()

let private guard (isPage: bool) (pictures: int) (site: Site) : HttpHandler =
    fun next context ->
        let allowed =
            identify site isPage context
            |> Result.bind (fun who ->
                context.Items[caller] <- who
                take site context pictures)

        match allowed with
        | Ok() -> next context
        | Error problem ->
            FaceLog.apiRefused
                site.Logger
                problem.Status
                problem.Title
                (context.Request.Path.ToUriComponent())
                (addressOf context)

            if problem.Status = 401 then
                challenge site isPage context

            Site.problem site (if isPage then forPeople problem else problem) next context

/// For the API's routes that look at no picture.
let key (site: Site) = guard false 0 site

/// For those that do: the first picture is taken here.
let picture (site: Site) = guard false 1 site

let page (site: Site) = guard true 0 site
let pagePicture (site: Site) = guard true 1 site
