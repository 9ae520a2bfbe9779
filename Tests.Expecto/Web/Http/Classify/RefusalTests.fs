/// A worker's reason for refusing a picture, in each format of an answer.
module Tests.Expecto.Web.RefusalTests

open System
open System.Text.Json
open Expecto
open Tests.Expecto
open FileFormats
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

/// The worker's refusal; the status, the code and the title; the detail.
let private cases =
    [
        Refusal.create "TooLarge" "20000 x 20000 pixels; the limit is 100. Make it smaller.",
        (413, "too-large", "The picture is too large"),
        "20000 x 20000 pixels; the limit is 100. Make it smaller."
        Refusal.create "TooCostly" "decoding takes 9 s. Save it as a baseline JPEG.",
        (422, "too-costly", "The picture takes too long to decode"),
        "Decoding takes 9 s. Save it as a baseline JPEG."
        Refusal.create "Unsupported" "12-bit JPEG isn't supported: save it as JPEG.",
        (415, "unsupported", "This kind of file isn't supported"),
        "12-bit JPEG isn't supported: save it as JPEG."
        Refusal.create "Damaged" "", (422, "damaged", "The picture is damaged"), RefusalText.Damaged
        // Workers from before the detail.
        Refusal.create "TooLarge" "", (413, "too-large", "The picture is too large"), RefusalText.TooLarge
        Refusal.create "TooCostly" "",
        (422, "too-costly", "The picture takes too long to decode"),
        RefusalText.TooCostly
        Refusal.create "UnknownFormat" "",
        (415, "unsupported", "This kind of file isn't supported"),
        RefusalText.Unsupported
        Refusal.create "Other" "", (422, "undecodable", "The picture can't be decoded"), RefusalText.Undecodable
    ]

let private text (element: JsonElement) (name: string) = string (element.GetProperty name)
let private picture = Picture.png 100

let private inferUrl = "/v2/models/squeezenet1_1/infer"

let private eachAnswer refusal (status, code, title) detail =
    testTask $"{refusal.Reason}, '{refusal.Detail}'" {
        use! web = WebUnderTest.StartWith([], new TestWorker(Refuses refusal))
        let! answer = classify web (Http.body picture)
        let! said = refused status answer
        let! problem = Http.json answer
        Expect.equal (said, text problem "code", text problem "title") (detail, code, title) "a single picture"
        let! results = results (classify web (many "file" 2 100))

        for result in results do
            let problem = result.GetProperty "problem"
            Expect.equal (statusOf result) status "of several, the status"

            Expect.equal
                (text problem "detail", text problem "code", text problem "title")
                (detail, code, title)
                "of several"

        let! page =
            Http.textWith status "the page's status" (web.Send("POST", "/", [], Some(Http.file "one.png" picture)))

        Expect.stringContains (string (Net.WebUtility.HtmlDecode page)) detail "on the page"

        let! answer =
            web.Send("POST", inferUrl, [ "Inference-Header-Content-Length", "0" ], Some(Http.body picture))

        let! error = Http.json answer
        Expect.equal (Http.status answer) (if status = 413 then 413 else 400) "the protocol's status"
        Expect.equal (text error "error") detail "by the Open Inference Protocol"
    }

let private plain =
    testTask "a plain worker's bare N means that the picture could not be decoded, not that it is damaged" {
        use! web =
            WebUnderTest.StartWith([], new TestWorker(CantDecode, Refusal = ValueSome [||]))

        let! answer = classify web (Http.body picture)
        let! detail = refused 422 answer
        Expect.equal detail RefusalText.Undecodable "the text"
        Expect.isFalse (detail.Contains "damage") "it may be sound"
    }

let private unsupported =
    testTask "the web node's own refusals have the same code and the format's name" {
        use! web = serve []

        for bytes, title in
            [
                "\000\000\000\024ftypmif1\000\000\000\000miafheic"B, "HEIC isn't supported"
                "<html><svg/></html>"B, "A web page isn't supported"
                "\001\002\003"B, "This kind of file isn't supported"
            ] do
            let! answer = classify web (Http.body bytes)
            let! _ = refused 415 answer
            let! problem = Http.json answer
            Expect.equal (text problem "code", text problem "title") ("unsupported", title) title

        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let tests =
    testList
        "Refusal"
        [
            for refusal, expected, detail in cases do
                eachAnswer refusal expected detail

            plain
            unsupported
        ]
