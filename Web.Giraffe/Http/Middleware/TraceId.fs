namespace Web.Giraffe

open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features

/// Names the request in its response, for users who report a problem: logs and spans have the same trace id.
[<RequireQualifiedAccess>]
module TraceId =
    [<Literal>]
    let Header = "trace-id"

    let apply (context: HttpContext) (next: RequestDelegate) : Task =
        context.Response.OnStarting(fun () ->
            context.Response.Headers[Header] <-
                match context.Features.Get<IHttpActivityFeature>() with
                | NonNull feature -> feature.Activity.TraceId.ToHexString()
                | _ -> context.TraceIdentifier

            Task.CompletedTask)

        next.Invoke context
