/// Another site: a server of this machine that is none of ours.
module Tests.Expecto.LocalSite

open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// Answers every request by `handle`, at the first of the application's `Urls`.
let serve (handle: HttpContext -> System.Threading.Tasks.Task) =
    task {
        let builder = WebApplication.CreateSlimBuilder()
        builder.Logging.ClearProviders() |> ignore
        builder.WebHost.UseUrls "http://127.0.0.1:0" |> ignore
        let app = builder.Build()
        app.Run(RequestDelegate handle)
        do! app.StartAsync()
        return app
    }
