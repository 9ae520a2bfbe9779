/// The bodies of a classify request that are JSON, or no picture at all.
module Tests.Expecto.Web.ClassifyBodiesTests

open System
open System.Text
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest
open Tests.Expecto.Web.InferenceUnderTest

let private json =
    testTask "JSON bodies: base64, a data URI, long and short, in any layout" {
        use! web = serveInference []
        let long = Picture.png 90_000
        Random(3).NextBytes(Span(long, 8, long.Length - 9))
        long[long.Length - 1] <- 7uy
        let encoded = Convert.ToBase64String long
        let lines = Convert.ToBase64String(long, Base64FormattingOptions.InsertLineBreaks)
        let escaped = encoded.Replace("/", "\\/")

        for body in
            [
                $"""{{"image":"{encoded}"}}"""
                $"""{{"image":"data:image/png;base64,{encoded}"}}"""
                $"""{{"image":"data:;base64,{encoded}","top":null}}"""
                "{\"image\":\"" + lines.Replace("\r\n", "\\r\\n") + "\"}"
                $"""{{ "top" : 5, "image" : "{escaped}" }}"""
                $"""{{"inputs":"{encoded}","parameters":{{"top_k":5}}}}"""
                $"""{{"inputs":"data:image/jpeg;base64,{encoded}","options":{{"wait_for_model":true}}}}"""
            ] do
            let! classes = classesOf (classifyJson web body)
            Expect.equal (List.head classes) 7 body[..60]

        Expect.all web.Worker.Pictures (fun picture -> picture = long) "its bytes"

        for body in
            [
                $"""{{"image":"{base64 7}"}}"""
                $"""{{"image":"data:image/png;base64,{base64 7}"}}"""
                $"""{{"image":" data:image/png;base64, {base64 7} "}}"""
                $"""{{"image":"\nDATA:image/png;charset=x;BASE64,{base64 7}"}}"""
            ] do
            for mediaType in [ "application/json; charset=utf-8"; "text/json"; "application/vnd.api+json" ] do
                let! classes =
                    send web "/api/classify" mediaType (Encoding.UTF8.GetBytes body) |> classesOf

                Expect.equal (List.head classes) 7 "a short one"
    }

let private wrongJson =
    testTask "wrong JSON: what is wrong with it, and what to send" {
        use! web = serveInference []
        let large = Convert.ToBase64String(Picture.png 100_001)
        let text = String('a', 70_000)

        let ones count =
            String.Join(',', Array.create count "1")

        for body, status, says in
            [
                "", 400, "The body is empty"
                "{", 400, "not JSON: there is an error at line 1, byte 2"
                "[]", 400, "not an array"
                "null", 400, "an object with the picture as its member 'image', not null"
                "{}", 400, "member 'image'"
                """{"image":null}""", 400, "member 'image'"
                """{"image":5}""", 400, "not a number"
                """{"image":["a"]}""", 400, "/api/classify/batch"
                """{"image":"!"}""", 400, "not valid base64"
                """{"image":"https://example.com/a.png"}""", 400, "is an address"
                """{"image":"data:image/png,abc"}""", 400, "not valid base64"
                $"""{{"image":"data:image/png,{text}"}}""", 400, "not valid base64"
                """{"image":""}""", 400, "empty"
                """{"image":"aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxk"}""", 415, "Plain text"
                $"""{{"imge":"{base64 7}"}}""", 400, "'imge'. Did you mean image?"
                $"""{{"image":"{base64 7}","inputs":"{base64 7}"}}""", 400, "several pictures"
                $"""{{"image":"{base64 7}","image":"{base64 7}"}}""", 400, "several pictures"
                $"""{{"image":"{base64 7}","top":{{}}}}""", 400, "'top' can't be an object"
                $"""{{"image":"{base64 7}","labels":[[]]}}""", 400, "not an array"
                $"""{{"inputs":"{base64 7}","parameters":{{"topk":3}}}}""", 400, "Did you mean top_k?"
                $"""{{"inputs":"{base64 7}","parameters":3}}""", 400, "'parameters' is an object"
                $"""{{"image":"{large}"}}""", 400, "up to 100000"
                $"""{{"comment":"{text}","image":"{base64 7}"}}""", 400, ""
                $"""{{"image":"{base64 7}","labels":[{ones 5_000}]}}""", 400, "4096 JSON values"
                $"""{{"image":"{base64 7}","labels":[{ones 1001}]}}""", 400, "up to 1000"
                $"""{{"image":"{base64 7}","labels":"{ones 1001}"}}""", 400, "up to 1000"
                """{"image":"\ud800"}""", 400, "not valid text"
                """{"\ud800":1}""", 400, "not valid text"
            ] do
            do! refuses status says body[.. min 80 (body.Length - 1)] (classifyJson web body)

        // The place is the body's, though a long picture is taken out of the JSON.
        let picture = Convert.ToBase64String(Picture.png 60_000)
        let escaped = picture.Replace("/", "\\/")

        for before, after in
            [
                $"""{{"image":"{picture}",""", "}"
                $"""{{"image":"{escaped}","top":""", ",}"
                $"""{{"image":"{picture}","top":1,{'\n'}"explain":""", ",}"
            ] do
            let! answer = classifyJson web (before + after)
            let! detail = refused 400 answer
            let line = before.Split('\n').Length
            let place = before.Length - (before.LastIndexOf '\n' + 1) + 1
            Expect.stringEnds detail $"at line {line}, byte {place}." after

        for path in [ "/api/classify"; "/models/squeezenet1_1" ] do
            let! text =
                Http.textWith 400 path (send web path "application/json" (Picture.png 90_000))

            Expect.stringContains text "is a picture, not JSON" path
            Expect.stringContains text "--data-binary" path

        let long = Convert.ToBase64String(Picture.png 52_000)
        do! refuses 400 "several pictures" "twice, long" (classifyJson web $"""{{"image":"{long}","image":"{long}"}}""")
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private notations =
    testTask "whole numbers in any notation of JSON" {
        use! web = serveInference []

        for options, expected in
            [
                "\"top\":2.0", [ 7; 0 ]
                "\"top\":2e0", [ 7; 0 ]
                "\"top\":20E-1", [ 7; 0 ]
                "\"labels\":[9.0,8e0]", [ 8; 9 ]
                "\"labels\":9.0", [ 9 ]
                "\"threshold\":1.0", []
                "\"explain\":0.0,\"top\":1", [ 7 ]
            ] do
            let! classes =
                classifyJson web $"""{{"image":"{base64 7}",{options}}}""" |> classesOf

            Expect.equal classes expected options

        for top in [ "2.5"; "1e400"; "-0.0"; "1e3000000000" ] do
            do! refuses 400 "1 to 1000" top (classifyJson web $"""{{"image":"{base64 7}","top":{top}}}""")
    }

let private huggingFace =
    testTask "Hugging Face's path: its answers and its errors" {
        use! web = serveInference []
        let path = "/models/squeezenet1_1"

        for answer in
            [
                send web $"{path}?top=2" "" (picture 7)
                send web $"{path}?top=2" "image/png" (picture 7)
                sendJson web path $"""{{"inputs":"{base64 7}","parameters":{{"top_k":2}}}}"""
            ] do
            let! text = Http.textOf answer
            equalJson text $"""[{{"label":"class 7","score":{best}}},{{"label":"class 0","score":{rest}}}]"""

        for answer, status in
            [
                send web "/models/other" "" (picture 7), 404
                send web path "" "nonsense"B, 415
                sendJson web path "{}", 400
                send web $"{path}?model=squeezenet1_1" "" (picture 7), 400
            ] do
            do! answersError status "" "its own form" answer
    }

let private advice =
    testTask "a body that is no picture, but shows what was meant: advice" {
        use! web = serveInference []

        let stripped (bytes: byte[]) =
            bytes
            |> Array.filter (fun byte -> byte <> '\r'B && byte <> '\n'B && byte <> 0uy)

        let text (text: string) = Encoding.UTF8.GetBytes text
        let png = Picture.png 5000
        Random(5).NextBytes(Span(png, 8, png.Length - 8))
        let urlEncoded = "application/x-www-form-urlencoded"
        let json = "Content-Type: application/json"

        for contentType, body, says in
            [
                urlEncoded, stripped png, "--data-binary @FILE"
                urlEncoded, text "file=@dog.jpg", "-F file=@FILE"
                urlEncoded, text $"""{{"image":"{base64 7}"}}""", json
                "", text $"""  {{"inputs":"{base64 7}"}}""", json
                "text/plain", text (base64 7), "in base64"
                "image/png", text ("data:image/png;base64," + Convert.ToBase64String png), "in base64"
                "", text (Convert.ToBase64String(png, Base64FormattingOptions.InsertLineBreaks)), "in base64"
                "application/octet-stream",
                text "--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--\r\n",
                "Content-Type"
                "", text "https://example.com/dog.jpg", "is an address"
            ] do
            do! refuses 415 says $"{contentType}: {says}" (send web "/api/classify" contentType body)

        do! refuses 400 "multipart form" "a batch is a form" (send web "/api/classify/batch" "image/png" (picture 7))
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private damaged =
    testTask "a picture that curl's -d has damaged: the worker's reason, and how to send it" {
        use! web = WebUnderTest.StartWith([], new TestWorker(CantDecode))
        // A JPEG begins as before.
        let jpeg = Array.append [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |] (Array.create 500 1uy)
        do! refuses 422 "--data-binary" "advice" (send web "/api/classify" "application/x-www-form-urlencoded" jpeg)
        let! answer = send web "/api/classify" "image/jpeg" jpeg
        let! detail = refused 422 answer
        Expect.isFalse (detail.Contains "curl") "not by curl"
    }

let tests =
    testList "ClassifyBodies" [ json; wrongJson; notations; huggingFace; advice; damaged ]
