/// Requests with long pictures: what arrives, and the memory that they are charged for.
module Tests.Expecto.Web.InferenceMemoryTests

open System
open System.Net.Http
open System.Text.Json.Nodes
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.InferenceErrorsTests

let private budget =
    testTask "a request's memory is charged to the uploads' budget and returned" {
        use worker = new TestWorker(Recognizes recognize)

        use! web =
            WebUnderTest.Start([ "--Upload:MaxBytes=65536"; "--Upload:MaxBuffered=120000" ], [ worker.Address ])

        let large = Convert.ToBase64String(Picture.png 60_000)

        let! answer =
            postJson
                web
                $$$"""{"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","data":["{{{large}}}","{{{large}}}"]}]}"""

        do! fails answer 503 "Too many pictures" "two blocks for two pictures"

        for _ in 1..3 do
            let! answer = postJson web (asking "[]")
            Expect.equal (Http.status answer) 200 "a small one has room, again and again"
    }

let private tensor (data: string list) =
    let elements = data |> List.map (fun one -> "\"" + one + "\"") |> String.concat ","
    $$$"""{"inputs":[{"name":"image","shape":[{{{data.Length}}}],"datatype":"BYTES","data":[{{{elements}}}]}]}"""

let private noisy length =
    let picture = Picture.png length
    Random(length).NextBytes(Span(picture, 8, length - 8))
    picture

let private streamed =
    testTask "pictures of all lengths arrive unchanged from JSON, also with escapes and white space in their base64" {
        use worker = new TestWorker(Recognizes recognize)
        use! web = WebUnderTest.Start([ "--Upload:MaxBytes=2000000" ], [ worker.Address ])

        let lengths =
            [
                100
                49_150
                49_151
                49_152
                49_153
                65_536
                65_537
                131_072
                200_001
                1_000_000
            ]

        for change in
            [
                id
                fun (text: string) -> text.Replace("/", @"\/")
                fun (text: string) -> text.Replace("A", @"\u0041")
                fun (text: string) -> String.Join(@"\n", text |> Seq.chunkBySize 76 |> Seq.map String)
            ] do
            let before = worker.Pictures.Length
            let pictures = lengths |> List.map noisy

            let! answer =
                postJson web (tensor (pictures |> List.map (Convert.ToBase64String >> change)))

            Expect.equal (Http.status answer) 200 "answered"

            Expect.equal
                (worker.Pictures |> Array.skip before |> Array.sortBy _.Length)
                (Array.ofList pictures)
                "unchanged"
    }

let private streamedWrong =
    testTask "invalid long strings get 400 and keep no memory" {
        use worker = new TestWorker(Recognizes recognize)
        use! web = WebUnderTest.Start([ "--Upload:MaxBytes=200000" ], [ worker.Address ])
        let good = Convert.ToBase64String(noisy 100_000)

        for says, request in
            [
                "not valid base64", tensor [ good.Insert(90_000, "~") ]
                "not valid base64", tensor [ good.Insert(90_000, "====") ]
                "not valid base64", tensor [ good.Substring(0, good.Length - 3) ]
                "not valid base64", tensor [ good.Insert(90_000, @"\\") ]
                "up to 200000", tensor [ Convert.ToBase64String(noisy 200_001) ]
                "none of the pictures", (tensor [ good ]).Replace("\"inputs\"", $"\"id\":\"{good}\",\"inputs\"")
                "1 to 64 pictures", tensor (List.replicate 65 good)
                "not JSON", (tensor [ good ]).Substring(0, 120_000)
                "1 to 64 pictures", tensor (List.replicate 200 (good.Substring(0, 60_000)))
            ] do
            let! answer = postJson web request
            do! fails answer 400 says says

        Expect.isEmpty worker.Pictures "no worker was asked"
        let! answer = postJson web (tensor [ good ])
        Expect.equal (Http.status answer) 200 "a good one has room"
    }

let tests = testList "InferenceMemory" [ budget; streamed; streamedWrong ]
