/// What the tests of the Open Inference Protocol ask with, and the worker that they ask.
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

let internal withWorker (test: WebUnderTest -> TestWorker -> Task<unit>) =
    task {
        use worker = new TestWorker(Recognizes recognize)
        use! web = WebUnderTest.Start([ "--Upload:MaxBytes=100000" ], [ worker.Address ])
        do! test web worker
    }

let internal base64 (number: int) = Convert.ToBase64String(picture number)

let internal postTo (web: WebUnderTest) path headers (body: byte[]) =
    let content = Http.body body

    content.Headers.TryAddWithoutValidation("Content-Type", "application/json")
    |> ignore

    for name: string, value: string in headers do
        content.Headers.TryAddWithoutValidation(name, value) |> ignore

    web.Send("POST", path, [], Some content)

let internal post web headers body =
    postTo web (model + "/infer") headers body

let internal postJson web (json: string) =
    post web [] (Encoding.UTF8.GetBytes json)

let internal withBinary web (json: string) (binary: byte[]) =
    let head = Encoding.UTF8.GetBytes json
    post web [ "Inference-Header-Content-Length", string head.Length ] (Array.append head binary)

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
