/// `/docs`: the API's reference.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.DocsHandlers

open Microsoft.AspNetCore.OpenApi
open Microsoft.Extensions.DependencyInjection
open Giraffe
open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Views

let page (site: AppServices) : HttpHandler =
    fun next context ->
        task {
            let provider =
                context.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider> Document.Name

            let! document = provider.GetOpenApiDocumentAsync context.RequestAborted
            let origin = $"{context.Request.Scheme}://{context.Request.Host}"
            return! BasePath.view (ApiView.page site.Assets origin document) next context
        }
