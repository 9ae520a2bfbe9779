namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Globalization
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Localization
open Microsoft.Extensions.Primitives

/// The language of a request: the query parameter `lang`, then the cookie that remembers it, then `Accept-Language`.
/// Affects texts only: numbers and dates outside the pages' texts stay invariant.
[<RequireQualifiedAccess>]
module Localization =
    let private name = "lang"

    /// The languages that the browser prefers, best first. The program has no culture data, which would give `de`
    /// as the parent of `de-AT`.
    let private accepted (context: HttpContext) : Task<ProviderCultureResult | null> =
        context.Request.GetTypedHeaders().AcceptLanguage
        |> Seq.filter (fun language -> language.Quality <> Nullable 0.0)
        |> Seq.sortByDescending (fun language -> language.Quality.GetValueOrDefault 1.0)
        |> Seq.truncate 8
        |> Seq.map (fun language -> StringSegment(language.Value.ToString().Split('-')[0]))
        |> List
        |> ProviderCultureResult
        |> Task.FromResult

    let private options () =
        let languages = [ for language in Texts.languages -> language.Culture ]
        let providers = List<IRequestCultureProvider>()
        providers.Add(QueryStringRequestCultureProvider(QueryStringKey = name, UIQueryStringKey = name))
        providers.Add(CookieRequestCultureProvider(CookieName = name))
        providers.Add(CustomRequestCultureProvider accepted)

        RequestLocalizationOptions(
            DefaultRequestCulture = RequestCulture(CultureInfo.InvariantCulture, languages.Head),
            SupportedCultures = List [ CultureInfo.InvariantCulture ],
            SupportedUICultures = List languages,
            RequestCultureProviders = providers
        )

    let private isPage (response: HttpResponse) =
        response.StatusCode = StatusCodes.Status200OK
        && (string response.ContentType).StartsWith "text/html"

    /// Sets the cookie, with pages alone.
    let private remember (context: HttpContext) (next: RequestDelegate) : Task =
        let wanted = string context.Request.Query[name]

        match Texts.languages |> List.tryFind (fun language -> language.Culture.Name = wanted) with
        | None -> ()
        | Some chosen ->
            let cookie =
                CookieRequestCultureProvider.MakeCookieValue(RequestCulture chosen.Culture)

            let options =
                CookieOptions(
                    Path = context.Request.PathBase.ToString() + "/",
                    MaxAge = Nullable(TimeSpan.FromDays 365.0),
                    HttpOnly = true,
                    SameSite = SameSiteMode.Lax,
                    Secure = context.Request.IsHttps
                )

            context.Response.OnStarting(fun () ->
                if isPage context.Response then
                    context.Response.Cookies.Append(name, cookie, options)

                Task.CompletedTask)

        next.Invoke context

    let apply (app: WebApplication) : unit =
        app.UseRequestLocalization(options ()).Use(remember) |> ignore
