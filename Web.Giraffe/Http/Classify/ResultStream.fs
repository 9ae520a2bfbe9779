namespace Web.Giraffe.Handlers

open System
open System.Text.Json
open System.Threading.Channels
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Json
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Options
open Web.Giraffe

/// Writes the results of a batch as lines of JSON, each as soon as it is ready. `Send` never waits for the client, which
/// may read only after it has sent the whole request.
[<Sealed>]
type ResultStream(context: HttpContext) =
    static let mediaType = "application/x-ndjson"

    let options =
        context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions

    let lines = Channel.CreateUnbounded<FileJson>()

    let write () : Task =
        task {
            let response = context.Response
            let! isStarted = lines.Reader.WaitToReadAsync()

            if isStarted then
                response.ContentType <- mediaType
                // nginx would hold the lines back.
                response.Headers["X-Accel-Buffering"] <- "no"

            let mutable going = isStarted

            while going do
                match lines.Reader.TryRead() with
                | true, line ->
                    let bytes = JsonSerializer.SerializeToUtf8Bytes(line, options)
                    do! response.Body.WriteAsync(ReadOnlyMemory(Array.append bytes "\n"B), context.RequestAborted)
                    do! response.Body.FlushAsync context.RequestAborted
                | _ ->
                    let! more = lines.Reader.WaitToReadAsync()
                    going <- more
        }

    let writing = lazy write ()

    /// Returns whether the client prefers lines to one JSON object. A client that names both without a preference gets
    /// lines.
    static member IsWanted(request: HttpRequest) =
        let quality (mediaTypes: string list) =
            [
                for accepted in request.GetTypedHeaders().Accept do
                    if
                        mediaTypes
                        |> List.exists (fun it -> accepted.MediaType.Equals(it, StringComparison.OrdinalIgnoreCase))
                    then
                        accepted.Quality.GetValueOrDefault 1.0
            ]
            |> List.fold max 0.0

        let lines = quality [ mediaType; "application/jsonl" ]
        lines > 0.0 && lines >= quality [ "application/json" ]

    /// Whether a line was sent, and with it the status 200.
    member _.HasStarted = writing.IsValueCreated

    member _.Send(result: FileJson) =
        lines.Writer.TryWrite result |> ignore
        writing.Force() |> ignore

    /// Waits until every line is written.
    member _.Complete() : Task =
        lines.Writer.TryComplete() |> ignore

        if writing.IsValueCreated then
            writing.Value
        else
            Task.CompletedTask
