/// `/docs`: the API's documentation, where users can try the API. Swagger UI, served from this program.
[<RequireQualifiedAccess>]
module Web.Giraffe.Api.DocsPage

open Microsoft.AspNetCore.Builder
open Swashbuckle.AspNetCore.SwaggerUI

let serve (app: WebApplication) : unit =
    app.UseSwaggerUI(fun options ->
        options.RoutePrefix <- "docs"
        options.DocumentTitle <- "Recognition · API"
        // Relative to the page: a proxy may publish it below a path.
        options.SwaggerEndpoint("../openapi/v1.json", "Recognition")
        options.InjectStylesheet "../assets/docs.css"
        options.EnableTryItOutByDefault()
        options.EnableDeepLinking()
        options.DisplayRequestDuration()
        // The types are shown where they are used.
        options.DefaultModelsExpandDepth -1
        options.DefaultModelExpandDepth 3)
    |> ignore
