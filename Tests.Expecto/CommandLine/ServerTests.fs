/// `recognize --server`: the real service, and servers that answer otherwise.
module Tests.Expecto.CommandLine.ServerTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Tests.Expecto

let private samples = Path.Combine(Repository.root, "samples")

/// What was seen, without who saw it and how long that took.
let private essence (line: string) =
    let root = JsonDocument.Parse(line).RootElement

    let classes =
        [
            for one in root.GetProperty("predictions").EnumerateArray() do
                one.GetProperty("index").GetInt32(), Math.Round(one.GetProperty("probability").GetDouble(), 5)
        ]

    root.GetProperty("file").GetString(), classes

let private same =
    testTask "a service classifies fifty pictures in order, as the program itself does" {
        let port = Nodes.freePort ()
        use! worker = Nodes.worker port []
        use! web = Nodes.web [ port ] []

        let pictures =
            Directory.GetFiles(samples, "*.png")
            |> Seq.replicate 5
            |> Seq.concat
            |> Seq.truncate 50
            |> List.ofSeq

        let options = [ "--json"; "--top"; "7" ]
        let! own = Recognize.run (pictures @ options)

        let! asked =
            Recognize.run (pictures @ options @ [ "--server"; $"localhost:{web.Port}" ])

        Expect.equal own.Code 0 own.Err
        Expect.equal asked.Code 0 asked.Err
        Expect.equal asked.Lines.Length 50 "a line each"

        Expect.equal
            (asked.Lines |> Array.map essence)
            (own.Lines |> Array.map essence)
            "the same files, classes and probabilities"

        let first = JsonDocument.Parse(asked.Lines[0]).RootElement
        Expect.equal (first.GetProperty("worker").GetString()) $"127.0.0.1:{port}" "the worker says who"

        // What only the worker can find out, and what neither of them sends.
        use folder = new TemporaryFolder()
        let cut = folder.Of "cut.png"
        File.WriteAllBytes(cut, (File.ReadAllBytes pictures[0])[..3000])

        let server = $"http://localhost:{web.Port}/"

        let! result =
            Recognize.run [ cut; "README.md"; pictures[0]; "--top"; "1"; "--server"; server ]

        Expect.equal result.Code 3 result.Err
        Expect.equal result.Rows.Length 1 result.Out
        Expect.stringContains result.Err $"{cut}: is refused: The picture is damaged" "the service's words"
        Expect.stringContains result.Err "README.md: is refused: Plain text" "the own words"
    }

let private down =
    testTask "if no server answers, the exit code is 1 at once and the line says what to do" {
        let clock = Stopwatch.StartNew()
        let address = $"http://localhost:{Nodes.freePort ()}"
        let! result = Recognize.run [ Recognize.sample "daisy"; "--server"; address ]
        Expect.equal result.Code 1 result.Err
        Expect.stringContains result.Err $"No server answers at {address}/" "where"
        Expect.stringContains result.Err "without --server the model runs on this machine" "what to do"
        Expect.isLessThan clock.Elapsed (TimeSpan.FromSeconds 20.0) "at once"
    }

/// A server of the API's address that answers as `answer` says, until it is disposed.
let private serving (answer: HttpContext -> Task) =
    task {
        let builder = WebApplication.CreateSlimBuilder()
        builder.Logging.ClearProviders() |> ignore
        let app = builder.Build()
        app.Urls.Add "http://127.0.0.1:0"
        app.MapPost("/api/classify", RequestDelegate answer) |> ignore
        do! app.StartAsync()
        return app
    }

let private ask (app: WebApplication) =
    [ Recognize.sample "daisy"; "--server"; Seq.head app.Urls ]

let private say (context: HttpContext) (status: int) (body: string) =
    context.Response.StatusCode <- status
    context.Response.ContentType <- "application/json"
    context.Response.WriteAsync body

let private busy (context: HttpContext) status (retryAfter: string) =
    context.Response.Headers.RetryAfter <- retryAfter
    say context status """{"title":"Busy","detail":"Later."}"""

let private answered =
    """{"model":"m","worker":"w","milliseconds":1,"attempts":1,"predictions":[{"label":"a\u001b[31mb","probability":1}]}"""

let private keys =
    testTask "the key comes from --key or the environment; a refused key is exit code 1 and the line says what to do" {
        use! app =
            serving (fun context ->
                if string context.Request.Headers.Authorization = "Bearer s3cret" then
                    say context 200 answered
                else
                    say context 401 """{"title":"No","detail":"Go away"}""")

        let! result = Recognize.run (ask app @ [ "--key"; "s3cret" ])
        Expect.equal result.Code 0 result.Err
        Expect.isFalse (result.Out.Contains '\x1b') "a server moves nobody's cursor"
        let! result = Recognize.runWith [ "RECOGNIZE_KEY", "s3cret" ] (ask app)
        Expect.equal result.Code 0 result.Err
        let! result = Recognize.run (ask app)
        Expect.equal result.Code 1 result.Err
        Expect.stringContains result.Err "--key" "what to do"
    }

let private patient =
    testTask
        "it retries after each 429 or 503 with a Retry-After in seconds or as a date, and gives up if that is too long" {
        let asked = ref 0

        use! app =
            serving (fun context ->
                asked.Value <- asked.Value + 1

                if asked.Value = 7 then
                    say context 200 answered
                elif asked.Value > 7 then
                    busy context 429 "7200"
                else
                    busy
                        context
                        (if asked.Value % 3 = 0 then 503 else 429)
                        (if asked.Value % 2 = 0 then
                             "1"
                         else
                             DateTimeOffset.UtcNow.AddSeconds(1.0).ToString "R"))

        let clock = Stopwatch.StartNew()
        let! result = Recognize.run (ask app)
        Expect.equal result.Code 0 result.Err
        Expect.equal asked.Value 7 "more often than a server without the header is asked"
        Expect.isGreaterThan clock.Elapsed (TimeSpan.FromSeconds 2.9) "it waited"
        let! result = Recognize.run (ask app)
        Expect.equal result.Code 1 result.Err
        Expect.stringContains result.Err "120 minutes" "why it does not wait"
        Expect.equal asked.Value 8 "once"
    }

let private stranger =
    testTask "another program's server is recognized as such, with exit code 1" {
        use! app = serving (fun context -> say context 200 "<html>")
        let address = Seq.head app.Urls

        for address in [ address; address + "/elsewhere" ] do
            let! result = Recognize.run [ Recognize.sample "daisy"; "--server"; address ]
            Expect.equal result.Code 1 result.Err
            Expect.stringContains result.Err "is not a recognition service" address
    }

let private models =
    testTask "--model names a model of the service; an unknown one is exit code 1 and the line lists the models" {
        use! web = Nodes.service [ "--model"; "squeezenet1_1,mobilenetv2"; "--offline" ] []
        let server = [ "--server"; $"localhost:{web.Port}" ]

        for model, expected in
            [
                [], "squeezenet1_1"
                [ "--model"; "mobilenetv2" ], "mobilenetv2"
                [ "--model"; "mobilenetv2@1" ], "mobilenetv2"
            ] do
            let! result = Recognize.run ([ Recognize.sample "daisy"; "--json" ] @ server @ model)
            Expect.equal result.Code 0 result.Err
            let answer = JsonDocument.Parse(result.Lines[0]).RootElement
            Expect.equal (string (answer.GetProperty "model")) expected $"{model}"

        let! result =
            Recognize.run ([ Recognize.sample "daisy"; "--model"; "resnet50" ] @ server)

        Expect.equal result.Code 1 result.Err
        Expect.stringContains result.Err "Available models: mobilenetv2@1, squeezenet1_1@1." "what there is"
    }

let tests = testList "Server" [ same; models; down; keys; patient; stranger ]
