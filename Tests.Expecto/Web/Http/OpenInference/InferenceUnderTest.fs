/// Requests of the Open Inference Protocol, and a worker that answers them.
module Tests.Expecto.Web.InferenceUnderTest

open System
open System.Net.Http
open System.Runtime.InteropServices
open System.Text
open System.Text.Json.Nodes
open System.Threading.Tasks
open Expecto
open Protocol.Core
open Web.Giraffe

let internal model = "/v2/models/squeezenet1_1"

/// A picture that is told apart by its last byte, the number of its most probable class.
let internal picture (number: int) =
    let picture = Picture.png 40
    picture[39] <- byte number
    picture

let internal best = 0.9284364581108093
let internal rest = (1.0 - best) / 999.0

/// A thousand classes with their numbers: the picture's own first, the others by turns.
let internal recognize (picture: byte[]) (parameters: Parameters) : Recognition =
    let first = int picture[picture.Length - 1]
    let numbers = first :: List.except [ first ] [ 0..999 ]

    { Recognition.ofPredictions [||] with
        Classes =
            numbers
            |> List.truncate (Parameters.classes parameters)
            |> List.map (fun number ->
                {
                    Index = number
                    Label = $"class {number}"
                    Probability = if number = first then best else rest
                })
            |> Array.ofList
    }

/// A node with these options, and a worker that recognizes pictures by their numbers.
let internal serveInference options =
    WebUnderTest.StartWith("--Upload:MaxBytes=100000" :: options, new TestWorker(Recognizes recognize))

let internal base64 (number: int) = Convert.ToBase64String(picture number)

let internal postTo (web: WebUnderTest) path headers (body: byte[]) =
    let content = Http.body body

    content.Headers.TryAddWithoutValidation("Content-Type", "application/json")
    |> ignore

    for name: string, value: string in headers do
        content.Headers.TryAddWithoutValidation(name, value) |> ignore

    web.Send("POST", path, [], Some content)

let internal postJsonTo web path (json: string) =
    postTo web path [] (Encoding.UTF8.GetBytes json)

let internal post web headers body =
    postTo web (model + "/infer") headers body

let internal postJson web json = postJsonTo web (model + "/infer") json

let internal withBinary web path (json: string) (binary: byte[]) =
    let head = Encoding.UTF8.GetBytes json
    postTo web path [ "Inference-Header-Content-Length", string head.Length ] (Array.append head binary)

/// A request for pictures with these numbers, and for these outputs; `[]` is all of them.
let internal inferJson (numbers: int list) (outputs: string) =
    let data =
        numbers |> List.map (fun number -> $"\"{base64 number}\"") |> String.concat ","

    $$"""{"inputs":[{"name":"image","shape":[{{numbers.Length}}],"datatype":"BYTES","data":[{{data}}]}],"outputs":{{outputs}}}"""

/// The answer is an error of the protocol: this status, and a sentence that holds `says`.
let internal answersError status (says: string) (about: string) (answer: Task<HttpResponseMessage>) =
    task {
        let! answer = answer
        let! text = Http.text answer
        // KServe's client compares the type literally.
        let kind = Http.header "Content-Type" answer
        Expect.equal (Http.status answer, kind) (status, "application/json") $"{about}: {text}"

        for own in
            [
                "isFinalBlock"
                "reader options"
                "System."
                "Web.Giraffe"
                "JsonException"
                "LineNumber"
            ] do
            Expect.isFalse (text.Contains own) $"the parser's own words in {text}"

        let error = JsonNode.Parse(text) |> Unchecked.nonNull
        Expect.equal (error.AsObject().Count) 1 "'error' alone"
        Expect.stringContains (string error["error"]) says about
    }

/// An element of BYTES in binary: its length, four bytes, little-endian, and itself.
let internal element (bytes: byte[]) =
    Array.append (BitConverter.GetBytes bytes.Length) bytes

let internal equalJson (actual: string) (expected: string) =
    Expect.isTrue
        (JsonNode.DeepEquals(JsonNode.Parse actual, JsonNode.Parse expected))
        $"expected {expected}\nbut got {actual}"

/// The JSON and the binary data of an answer.
let internal parts (answer: HttpResponseMessage) =
    task {
        Expect.equal (Http.status answer, Http.mediaType answer) (200, "application/octet-stream") "binary"
        let! body = answer.Content.ReadAsByteArrayAsync()
        let length = int (Http.header "Inference-Header-Content-Length" answer)
        Expect.equal answer.Content.Headers.ContentLength (Nullable(int64 body.Length)) "Content-Length is the whole"
        return Encoding.UTF8.GetString(body, 0, length), body[length..]
    }

let internal floats (binary: byte[]) =
    MemoryMarshal.Cast<byte, float32>(binary.AsSpan()).ToArray()
