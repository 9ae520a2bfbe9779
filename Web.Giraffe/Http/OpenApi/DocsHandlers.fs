/// `/docs` and `/openapi/v1.json`: the API's reference, for people and for programs.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.DocsHandlers

open System
open Microsoft.Extensions.DependencyInjection
open Giraffe
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Views

let document: HttpHandler =
    handleContext (fun context ->
        task {
            let! json =
                context.RequestServices.GetRequiredService<CachedDocument>().Json(BasePath.ofContext context)

            context.Response.ContentType <- "application/json;charset=utf-8"
            context.Response.ContentLength <- int64 json.Length
            do! context.Response.Body.WriteAsync(json, context.RequestAborted)
            return Some context
        })

let page (services: AppServices) : HttpHandler =
    fun next context ->
        task {
            let! document = context.RequestServices.GetRequiredService<CachedDocument>().Document

            let origin =
                $"{context.Request.Scheme}://{context.Request.Host}{BasePath.ofContext context}"

            return! BasePath.view (ApiView.page services.Assets origin document) next context
        }
