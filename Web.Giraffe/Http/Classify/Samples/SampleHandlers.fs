/// `GET /samples/{name}` and the previews.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.SampleHandlers

open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers
open Giraffe
open Web.Giraffe

/// With the version in the query, the response can be kept forever.
let private keep (bytes: byte[]) (mediaType: string) (tag: string) : HttpHandler =
    handleContext (fun context ->
        task {
            context.Response.Headers.CacheControl <-
                if context.Request.Query["v"].ToString() = tag then
                    "public, max-age=31536000, immutable"
                else
                    "public, max-age=3600"

            let tag = EntityTagHeaderValue $"\"{tag}\""
            do! TypedResults.Bytes(bytes, mediaType, entityTag = tag).ExecuteAsync context
            return Some context
        })

let picture (services: AppServices) (name: string) : HttpHandler =
    match services.Samples.TryFind name with
    | None -> AppServices.problem services Problem.notFound
    | Some sample -> keep sample.Bytes "image/png" sample.Tag

let preview (services: AppServices) (name: string) : HttpHandler =
    match services.Samples.TryFindPreview name with
    | None -> AppServices.problem services Problem.notFound
    | Some(bytes, tag) -> keep bytes "image/webp" tag
