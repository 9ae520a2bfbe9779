/// A web server on this machine that serves one file: whole, cut, altered, or not at all.
module Tests.Expecto.Worker.ModelServer

open System
open System.Collections.Concurrent
open System.Net
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Hosting.Server
open Microsoft.AspNetCore.Hosting.Server.Features
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging

type Reply =
    | Whole of byte[]
    /// Announces the whole file, and breaks the connection after so many bytes of it.
    | CutAfter of bytes: int * file: byte[]
    /// Sends nothing.
    | Silent
    | Status of HttpStatusCode

type Server(address: Uri, asked: unit -> int, close: unit -> unit) =
    member _.Address = address
    /// The number of requests so far.
    member _.Asked = asked ()

    interface IDisposable with
        member _.Dispose() = close ()

let private send (context: HttpContext) (file: byte[]) count : Task =
    task {
        context.Response.ContentLength <- int64 file.Length
        do! context.Response.Body.WriteAsync(ReadOnlyMemory(file, 0, min count file.Length))
        do! context.Response.Body.FlushAsync()

        if count < file.Length then
            // A connection that breaks takes back what is still on its way.
            do! Task.Delay 100
            context.Abort()
    }

let private answer (context: HttpContext) reply : Task =
    match reply with
    | Whole file -> send context file Int32.MaxValue
    | CutAfter(count, file) -> send context file count
    | Silent -> Task.Delay(-1, context.RequestAborted)
    | Status status ->
        context.Response.StatusCode <- int status
        Task.CompletedTask

/// Answers the first requests with `replies` in turn, and every further one with the last.
let start (replies: Reply list) =
    let builder = WebApplication.CreateSlimBuilder()
    builder.Logging.ClearProviders() |> ignore

    builder.WebHost.ConfigureKestrel(fun kestrel -> kestrel.Listen(IPAddress.Loopback, 0))
    |> ignore

    let app = builder.Build()
    let asked = [| 0 |]
    let turns = ConcurrentQueue<Reply> replies

    app.Run(fun context ->
        Interlocked.Increment &asked[0] |> ignore

        let reply =
            match turns.TryDequeue() with
            | true, reply -> reply
            | _ -> List.last replies

        answer context reply)

    app.StartAsync().GetAwaiter().GetResult()

    let addresses =
        match app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() with
        | null -> failwith "Kestrel has no addresses"
        | feature -> feature.Addresses

    new Server(
        Uri $"{Seq.head addresses}/models/net.onnx",
        (fun () -> Volatile.Read &asked[0]),
        fun () -> app.StopAsync().GetAwaiter().GetResult()
    )
