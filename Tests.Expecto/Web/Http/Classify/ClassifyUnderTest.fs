/// Requests to classify pictures, and what is checked of the answers.
module internal Tests.Expecto.Web.ClassifyUnderTest

open System.Net.Http
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Expecto

let classify (web: WebUnderTest) content =
    web.Send("POST", "/api/classify", [], Some content)

let batch (web: WebUnderTest) headers content =
    web.Send("POST", "/api/classify/batch", headers, Some content)

/// A picture in the form of the page.
let upload (web: WebUnderTest) headers =
    web.Send("POST", "/", headers, Some(Http.file "a.png" (Picture.png 100)))

/// A body with this Content-Type, or without any.
let send (web: WebUnderTest) path contentType bytes =
    let content =
        if contentType = "" then
            Http.body bytes
        else
            Http.typed contentType bytes

    web.Send("POST", path, [], Some content)

let sendJson web path (json: string) =
    send web path "application/json" (Encoding.UTF8.GetBytes json)

let classifyJson web json = sendJson web "/api/classify" json

/// A form with as many pictures of this length in this field: 1.png, 2.png, and so on.
let many field count length =
    Http.files field [ for number in 1..count -> $"{number}.png", Picture.png length ]

/// The detail of the problem in an answer that must have this status.
let refused status (answer: HttpResponseMessage) =
    task {
        let! text = Http.text answer
        Expect.equal (Http.status answer, Http.mediaType answer) (status, "application/problem+json") text
        let problem = JsonDocument.Parse(text).RootElement
        Expect.equal (problem.GetProperty("status").GetInt32()) status "the same status inside"
        return problem.GetProperty("detail").GetString() |> string
    }

/// The answer is a problem with this status, and its detail holds `says`.
let refuses status (says: string) (about: string) (answer: Task<HttpResponseMessage>) =
    task {
        let! answer = answer
        let! detail = refused status answer
        Expect.stringContains detail says about
    }

/// The numbers of the classes in a picture's answer.
let classesOf (answer: Task<HttpResponseMessage>) =
    task {
        let! answer = answer
        let! root = Http.json answer
        Expect.equal (Http.status answer) 200 (root.GetRawText())

        return
            [
                for found in root.GetProperty("predictions").EnumerateArray() -> found.GetProperty("index").GetInt32()
            ]
    }

/// The results of several files.
let results (answer: Task<HttpResponseMessage>) =
    task {
        let! answer = answer
        Expect.equal (Http.status answer) 200 "the list's own status"
        let! root = Http.json answer
        return List.ofSeq (root.GetProperty("results").EnumerateArray())
    }

let statusOf (result: JsonElement) = result.GetProperty("status").GetInt32()

let fileOf (result: JsonElement) = string (result.GetProperty "file")
