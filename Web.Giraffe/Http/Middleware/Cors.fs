namespace Web.Giraffe.Api

open System
open System.Collections.Generic
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Cors.Infrastructure
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Microsoft.Net.Http.Headers

/// Lets pages of other origins use the API (`Api:AllowedOrigins`), never the pages and administration.
[<RequireQualifiedAccess>]
module Cors =
    let private paths =
        [ "/api/classify"; "/api/models"; "/v1"; "/v2"; "/openapi" ]
        |> List.map (fun path -> PathString path)

    // Those that a page may read.
    let private exposed =
        [|
            "trace-id"
            "Retry-After"
            "RateLimit"
            "RateLimit-Policy"
            "WWW-Authenticate"
            "Inference-Header-Content-Length"
        |]

    // Administrators' routes below those paths.
    let private administration = PathString "/v2/repository/models"

    /// Returns the method of a request, or the one that a preflight request asks about.
    let private methodOf (request: HttpRequest) =
        if HttpMethods.IsOptions request.Method then
            string request.Headers.AccessControlRequestMethod
        else
            request.Method

    let private isApi (context: HttpContext) =
        let request = context.Request

        request.Path = PathString "/api"
        || (paths |> List.exists (fun path -> request.Path.StartsWithSegments path)
            && not (request.Path.StartsWithSegments administration))
        // GET there is a page.
        || (request.Path.StartsWithSegments(PathString "/models")
            && HttpMethods.IsPost(methodOf request))

    /// Returns why a text is no origin.
    let error (origin: string) : string option =
        match Uri.TryCreate(origin, UriKind.Absolute) with
        | _ when origin = "*" -> None
        | true, NonNull uri when
            (uri.Scheme = Uri.UriSchemeHttp || uri.Scheme = Uri.UriSchemeHttps)
            && uri.GetLeftPart UriPartial.Authority = origin.ToLowerInvariant()
            && not (origin.Contains '*')
            ->
            None
        | _ ->
            Some
                $"Api:AllowedOrigins must have origins such as https://app.example.com, with the port if it is not the scheme's, or * for all, not '{origin}'."

    /// Tells caches that answers differ by origin. ASP.NET Core does so only in answers to an allowed origin.
    let private varies (context: HttpContext) (next: RequestDelegate) : Task =
        context.Response.OnStarting(fun () ->
            let headers = context.Response.Headers

            let others =
                headers.Vary.ToArray() |> Array.filter (fun name -> name <> HeaderNames.Origin)

            headers.Vary <- StringValues(Array.append others [| HeaderNames.Origin |])
            Task.CompletedTask)

        next.Invoke context

    /// The middleware answers preflight requests itself.
    let apply (origins: string list) (app: IApplicationBuilder) : unit =
        if not origins.IsEmpty then
            let isEvery = List.contains "*" origins

            let policy (builder: CorsPolicyBuilder) =
                (if isEvery then
                     builder.AllowAnyOrigin()
                 else
                     builder.WithOrigins(Array.ofList origins))
                    .AllowAnyHeader()
                    .WithMethods("GET", "HEAD", "POST")
                    .WithExposedHeaders(exposed)
                    .SetPreflightMaxAge(TimeSpan.FromHours 1.0)
                |> ignore

            let configure (app: IApplicationBuilder) =
                if not isEvery then
                    app.Use varies |> ignore

                app.UseCors policy |> ignore

            app.UseWhen(isApi, configure) |> ignore
