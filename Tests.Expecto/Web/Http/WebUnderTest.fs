namespace Tests.Expecto.Web

open System
open System.Collections.Generic
open System.Net
open System.Net.Http
open System.Net.Http.Headers
open System.Net.Sockets
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Web.Giraffe
open Tests.Expecto

/// The whole web node in this process: Kestrel on a free port, the real engine, and a log that remembers.
[<Sealed>]
type WebUnderTest private (app: WebApplication, lines: LogLines<obj>) =
    let address = Uri(app.Urls |> Seq.find _.StartsWith("http:"))

    let client =
        new HttpClient(new SocketsHttpHandler(AllowAutoRedirect = false, UseCookies = false), BaseAddress = address)

    static let quiet =
        [
            "--Http:Port=0"
            "--Http:Address=127.0.0.1"
            "--Http:DrainSeconds=0"
            "--Http:GrpcPort=0"
            "--Registry:Path="
            "--Pool:CheckSeconds=0"
            // Tests send one picture many times, and count exchanges.
            "--Cache:MaxBytes=0"
        ]

    /// Callers are on this machine; a test with a token of its own says otherwise.
    static let access (options: string list) =
        if options |> List.exists _.StartsWith("--Admin:Token") then
            []
        else
            [ "--Admin:TrustLoopback=true" ]

    /// `options` stand behind the tests' own, and win.
    static member Start(options: string list, workers: WorkerAddress list) =
        WebUnderTest.Start(options, workers, TimeProvider.System)

    /// On another clock, which is the engine's and the face's alike.
    static member Start(options: string list, workers: WorkerAddress list, time: TimeProvider) : Task<WebUnderTest> =
        task {
            let list = workers |> List.map string |> String.concat ","
            let lines = LogLines<obj>()

            let remembering =
                { new ILoggerProvider with
                    member _.CreateLogger _ = lines :> ILogger
                    member _.Dispose() = ()
                }

            let configure settings (builder: WebApplicationBuilder) =
                builder.Logging.ClearProviders().AddProvider remembering |> ignore
                builder.Services.AddSingleton<TimeProvider>(time) |> ignore
                WorkerServices.add settings builder.Services

            let given = Dictionary<string, string | null>()

            for option in quiet @ access options @ options @ [ $"--Workers={list}" ] do
                let parts = option.Substring(2).Split('=', 2)
                given[parts[0]] <- parts[1]

            match WebNode.build given configure with
            | Error wrong -> return failwith (String.concat " " wrong)
            | Ok app ->
                do! app.StartAsync()
                return new WebUnderTest(app, lines)
        }

    static member Start(workers: WorkerAddress list) = WebUnderTest.Start([], workers)

    member _.Client = client
    member _.Port = address.Port
    member _.Services = app.Services
    member _.Lifetime = app.Lifetime
    member _.Lines = lines

    member _.Stop() : Task = app.StopAsync()

    /// A request with headers that HttpClient may think wrong.
    member _.Send(method: string, path: string, headers: (string * string) list, content: HttpContent option) =
        let request = new HttpRequestMessage(HttpMethod method, path)

        match content with
        | Some content -> request.Content <- content
        | None -> ()

        for name, value in headers do
            if not (request.Headers.TryAddWithoutValidation(name, value)) then
                failwith $"{name} is no header of a request"

        client.SendAsync request

    member web.Send(method, path) = web.Send(method, path, [], None)
    member web.Send(method, path, headers) = web.Send(method, path, headers, None)

    /// A connection for what no honest client says.
    member _.Raw() =
        task {
            let socket = new TcpClient()
            do! socket.ConnectAsync(IPAddress.Loopback, address.Port)
            return socket
        }

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            client.Dispose()
            app.DisposeAsync()

[<RequireQualifiedAccess>]
module Http =
    let text (answer: HttpResponseMessage) = answer.Content.ReadAsStringAsync()

    let json (answer: HttpResponseMessage) =
        task {
            let! text = text answer
            return JsonDocument.Parse(text).RootElement
        }

    let status (answer: HttpResponseMessage) = int answer.StatusCode

    let header name (answer: HttpResponseMessage) =
        match answer.Headers.TryGetValues name, answer.Content.Headers.TryGetValues name with
        | (true, values), _
        | _, (true, values) -> String.Join(", ", Unchecked.nonNull values)
        | _ -> ""

    let mediaType (answer: HttpResponseMessage) =
        match answer.Content.Headers.ContentType with
        | null -> ""
        | mediaType -> string mediaType.MediaType

    let body (bytes: byte[]) : HttpContent = new ByteArrayContent(bytes)

    let fields (pairs: (string * string) list) : HttpContent = new FormUrlEncodedContent(dict pairs)

    let basic (password: string) =
        "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + password))

    /// The field `file` of a multipart body, with this name, whatever it is: no quotes, no line breaks.
    let part (name: string) (bytes: byte[]) : HttpContent =
        let part = new ByteArrayContent(bytes)

        part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{name}\"")
        |> ignore

        part

    /// A multipart body with that field alone.
    let file name bytes : HttpContent =
        let form = new MultipartFormDataContent()
        form.Add(part name bytes)
        form

    /// The same where nothing was chosen, as a browser sends it.
    let noFile () : HttpContent = file "" [||]

[<RequireQualifiedAccess>]
module Picture =
    /// A file that begins like a PNG, `length` bytes long; what the test's worker says of it doesn't depend on the rest.
    let png length : byte[] =
        Array.append
            [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]
            (Array.zeroCreate (length - 8))
