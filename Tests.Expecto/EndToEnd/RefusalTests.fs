/// The reason for a refused picture in the API, a batch, the Open Inference Protocol, the page and `recognize`.
module Tests.Expecto.EndToEnd.RefusalTests

open System
open System.IO
open System.Net.Http
open System.Text.Json
open Expecto
open FileFormats
open Tests.Expecto
open Tests.Expecto.CommandLine
open Scenarios.Pictures
open Tests.Expecto.Worker.Files

/// A PNG of this many pixels, and no data for them.
let private announced width height =
    pngOf [ PngWriter.Header(width, height) ] (zlib [||])

/// Only the worker finds out: the metadata before the frame's header is longer than the web node looks at.
let private precise () =
    let metadata =
        Array.append [| 0xFFuy; 0xE1uy; 0xFFuy; 0xFFuy |] (Array.zeroCreate 65533)

    Array.concat
        [
            [| 0xFFuy; 0xD8uy |]
            yield! Array.replicate 3 metadata
            [| 0xFFuy; 0xC1uy; 0uy; 11uy; 12uy; 0uy; 9uy; 0uy; 9uy; 1uy; 1uy; 0x11uy; 0uy |]
            Array.zeroCreate 100
        ]

let private cases () =
    [
        "cut.png", (File.ReadAllBytes(Repository.sample "daisy"))[..3000], 422, "damaged", RefusalText.Damaged
        "huge.png", announced 60_000 60_000, 413, "too-large", "60000 x 60000 pixels"
        "precise.jpg", precise (), 415, "unsupported", "12-bit JPEG isn't supported: "
        "phone.heic", "\000\000\000\024ftypmif1\000\000\000\000miafheic"B, 415, "unsupported", "HEIC isn't supported: "
    ]

let private textOf (element: JsonElement) (name: string) = string (element.GetProperty name)

let private post (web: WebNode) (path: string) (content: HttpContent) =
    task {
        use! answer = web.Client.PostAsync(path, content)
        let! body = answer.Content.ReadAsStringAsync()
        return int answer.StatusCode, body
    }

let private form (name: string) (bytes: byte[]) field =
    let form = new MultipartFormDataContent()
    form.Add(new ByteArrayContent(bytes), field, name)
    form

let private everywhere =
    testTask "every refusal reaches the API, a batch, /v2, the page and recognize, with what to do" {
        use! web = Nodes.service [] []
        let folder = Directory.CreateTempSubdirectory("refused-").FullName

        for name, bytes, status, code, detail in cases () do
            let! got, problem = web.Classify bytes
            Expect.equal (got, textOf problem "code") (status, code) $"{name}: {problem}"
            let reason = textOf problem "detail"
            Expect.stringContains reason detail name

            Expect.isTrue
                ([ "again"; "smaller"; "another copy" ] |> List.exists reason.Contains)
                $"{name}: what to do, in '{reason}'"

            let! got, body = post web "/api/classify" (form name bytes "files")
            let result = JsonDocument.Parse(body).RootElement.GetProperty("results")[0]
            Expect.equal (got, result.GetProperty("status").GetInt32()) (200, status) "of several"
            Expect.equal (textOf (result.GetProperty "problem") "detail") reason "of several"
            Expect.equal (textOf (result.GetProperty "problem") "code") code "of several"

            let! got, page = post web "/" (form name bytes "file")
            Expect.equal got status "the page's status"
            Expect.stringContains (string (Net.WebUtility.HtmlDecode page)) reason "the page"

            let content = new ByteArrayContent(bytes)
            content.Headers.Add("Inference-Header-Content-Length", "0")
            let! got, body = post web "/v2/models/squeezenet1_1/infer" content
            Expect.equal got (if status = 413 then 413 else 400) body
            let error = textOf (JsonDocument.Parse(body).RootElement) "error"
            Expect.stringContains error reason "by the Open Inference Protocol"

            let path = Path.Combine(folder, name)
            File.WriteAllBytes(path, bytes)
            let plain (text: string) = text.TrimEnd('.').ToLowerInvariant()

            for options in [ []; [ "--server"; $"localhost:{web.Port}" ] ] do
                let! cli = Recognize.run (path :: options)
                Expect.equal cli.Code 3 cli.Err
                Expect.stringContains (plain cli.Err) (plain reason) $"recognize {options}"

        let! status, _ = web.Classify(Repository.photograph "lion.webp")
        Expect.equal status 200 "no refusal ejects the worker"
        Directory.Delete(folder, true)
    }

let tests = testList "Refusals" [ everywhere ]
