/// A web server on this machine that serves one file as told: whole, cut, altered, with or without ranges.
module Tests.Expecto.Worker.ModelServer

open System
open System.Collections.Concurrent
open System.Net
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Hosting.Server
open Microsoft.AspNetCore.Hosting.Server.Features
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging

type Reply =
    /// As a good server does, ranges included.
    | Whole of byte[]
    /// Announces the rest from the asked-for byte on, and breaks the connection after so many bytes of it.
    | CutAfter of bytes: int * file: byte[]
    /// The whole file, whatever range was asked for.
    | NoRanges of byte[]
    /// Sends nothing.
    | Silent
    | Status of HttpStatusCode

type Server =
    {
        Address: Uri
        /// The first byte asked for, per request, in their order.
        Asked: ConcurrentQueue<int64>
        Close: unit -> unit
    }

    interface IDisposable with
        member server.Dispose() = server.Close()

let private firstByte (context: HttpContext) =
    match context.Request.GetTypedHeaders().Range with
    | null -> 0L
    | range -> Seq.head range.Ranges |> _.From.GetValueOrDefault()

let private send (context: HttpContext) from (file: byte[]) count : Task =
    task {
        let rest = file.Length - int from
        context.Response.ContentLength <- int64 rest

        if from > 0L then
            context.Response.StatusCode <- 206
            context.Response.Headers.ContentRange <- $"bytes {from}-{file.Length - 1}/{file.Length}"

        do! context.Response.Body.WriteAsync(ReadOnlyMemory(file, int from, min count rest))
        do! context.Response.Body.FlushAsync()

        if count < rest then
            // A connection that breaks takes back what is still on its way.
            do! Task.Delay 100
            context.Abort()
    }

let private answer (context: HttpContext) from reply : Task =
    match reply with
    | Whole file when from >= int64 file.Length ->
        context.Response.StatusCode <- 416
        Task.CompletedTask
    | Whole file -> send context from file Int32.MaxValue
    | CutAfter(count, file) -> send context from file count
    | NoRanges file -> send context 0L file Int32.MaxValue
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
    let asked = ConcurrentQueue<int64>()
    let turns = ConcurrentQueue<Reply> replies

    app.Run(fun context ->
        let from = firstByte context
        asked.Enqueue from

        let reply =
            match turns.TryDequeue() with
            | true, reply -> reply
            | _ -> List.last replies

        answer context from reply)

    app.StartAsync().GetAwaiter().GetResult()

    let addresses =
        match app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() with
        | null -> failwith "Kestrel has no addresses"
        | feature -> feature.Addresses

    {
        Address = Uri $"{Seq.head addresses}/models/net.onnx"
        Asked = asked
        Close = fun () -> app.StopAsync().GetAwaiter().GetResult()
    }
