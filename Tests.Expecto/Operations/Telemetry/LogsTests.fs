/// The logs, and secrets that they never contain.
module Tests.Expecto.Operations.LogsTests

open System
open System.IO
open System.Net.Http
open System.Net.Http.Headers
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
let private token = "tok-3f9c2b71d84e5a60-secret"
let private guess = "tok-wrong-but-close-to-it"

let private json =
    [
        "Logging__Console__FormatterName", "json"
        "Logging__LogLevel__Default", "Trace"
        "Logging__LogLevel__Microsoft", "Trace"
        "Logging__LogLevel__Microsoft.AspNetCore", "Trace"
    ]

/// The forms of a picture or a secret that a line could contain: hex, and base64 at any offset.
let private forms (bytes: byte[]) =
    [
        Convert.ToHexString bytes
        Convert.ToHexStringLower bytes
        for skip in 0..2 do
            // The first and the last letters depend on the bytes beside.
            let text = Convert.ToBase64String bytes[skip..]
            text.Substring(0, text.Length / 4 * 4 - 4)
    ]

let private secret =
    testTask "at every level no line has a picture or a token, and every line is JSON with its trace" {
        let port = Nodes.freePort ()
        use! worker = Nodes.workerWith json port []
        use! web = Nodes.webWith json [ port ] [ $"--Admin:Token={token}" ]
        let picture = Repository.photograph "dog.jpg"

        let basic (password: string) =
            Convert.ToBase64String(Text.Encoding.UTF8.GetBytes $"admin:{password}")

        let form () =
            let form = new MultipartFormDataContent()
            form.Add(new ByteArrayContent(picture), "file", "dog.jpg")
            form

        let post (path: string) (content: HttpContent) =
            new HttpRequestMessage(HttpMethod.Post, path, Content = content)

        let authorized (method: HttpMethod) (path: string) scheme value =
            let request = new HttpRequestMessage(method, path)
            request.Headers.Authorization <- AuthenticationHeaderValue(scheme, value)
            request

        let damaged = Array.append picture[..1999] (Array.zeroCreate 200)

        for name, request, expected in
            [
                "a picture", post "/api/classify" (new ByteArrayContent(picture)), 200
                "by the form", post "/" (form ()), 200
                "half a picture", post "/api/classify" (new ByteArrayContent(damaged)), 422
                "no picture", post "/api/classify" (new ByteArrayContent(Text.Encoding.UTF8.GetBytes token)), 415
                "the token", authorized HttpMethod.Get "/api/workers" "Bearer" token, 200
                "the token as a password", authorized HttpMethod.Get "/workers" "Basic" (basic token), 200
                "a wrong token", authorized HttpMethod.Put "/api/workers/127.0.0.1:1" "Bearer" guess, 401
            ] do
            request.Headers.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-00")
            use! answer = web.Client.SendAsync request
            Expect.equal (int answer.StatusCode) expected name

        for node in [ web.Node; worker ] do
            do! Programs.terminate node

        let never =
            [
                token
                guess
                basic token
                yield! forms (Text.Encoding.UTF8.GetBytes token)
                for at in [ 0; 1000; picture.Length / 2; picture.Length - 60 ] do
                    yield! forms picture[at .. at + 47]
            ]

        for node in [ web.Node; worker ] do
            Expect.isGreaterThan node.Lines.Length 10 "much was logged"

            for line in node.Lines do
                for text in never do
                    if line.Contains text then
                        failtest $"'{text}' is in the log: {line}"

        let traced (node: Node) (event: int) =
            node.Lines
            |> Array.filter (fun line ->
                use document = JsonDocument.Parse line
                let root = document.RootElement

                root.GetProperty("EventId").GetInt32() = event
                && (root.GetProperty("Scopes").EnumerateArray()
                    |> Seq.exists (fun scope ->
                        match scope.ValueKind, scope.TryGetProperty "TraceId" with
                        | JsonValueKind.Object, (true, id) -> string id = traceId
                        | _ -> false)))
            |> Array.length

        Expect.isGreaterThanOrEqual (traced web.Node 2010) 2 "the web node's line of each exchange"
        Expect.isGreaterThanOrEqual (traced worker 207) 2 "and the worker's"
    }

/// The texts that `pattern` finds in the files of a folder and below.
let private found folder kind (pattern: string) =
    [
        for path in Directory.GetFiles(Path.Combine(Repository.root, folder), kind, SearchOption.AllDirectories) do
            if not (path.Contains $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}") then
                for found in Regex.Matches(File.ReadAllText path, pattern) do
                    found.Groups[1].Value
    ]

let private numbers folder kind pattern =
    found folder kind pattern |> List.map int |> List.sort

let private messages =
    test "no message has a name of the code in it" {
        let messages =
            found "Web.Giraffe" "*.fs" "EventId\\(\\d+, \"\\w+\"\\)\\)\\s*\"([^\"]+)\""
            @ found "Worker.Cs" "*.cs" "LoggerMessage\\([^\"\\]]*\"([^\"]+)\""
            @ found "Node.Hosting" "*.cs" "LoggerMessage\\([^\"\\]]*\"([^\"]+)\""

        Expect.isGreaterThan messages.Length 40 "they are found"

        for message in messages do
            let words = Regex.Replace(message, @"\{[^}]*\}", "").Replace("gRPC", "")
            Expect.isFalse (Regex.IsMatch(words, @"\b[a-z]+[A-Z]")) message
    }

let private events =
    test "every event has a number of its own and a row in docs/operations.md" {
        let written =
            numbers "Web.Giraffe" "*.fs" @"EventId\((\d+)"
            @ numbers "Worker.Cs" "*.cs" @"LoggerMessage\(\s*(\d+)"
            @ numbers "Node.Hosting" "*.cs" @"LoggerMessage\(\s*(\d+)"

        Expect.isGreaterThan written.Length 40 "they are found"
        Expect.equal written (List.distinct written) "none twice"

        let page = File.ReadAllText(Path.Combine(Repository.root, "docs", "operations.md"))

        let listed =
            [
                for row in Regex.Matches(page, @"^\| ((?:\d{3,4}(?:, )?)+) \|", RegexOptions.Multiline) do
                    for number in row.Groups[1].Value.Split(", ") -> int number
            ]

        Expect.equal (List.sort listed) (List.sort written) "the table's rows"
    }

let tests = testList "Logs" [ secret; events; messages ]
