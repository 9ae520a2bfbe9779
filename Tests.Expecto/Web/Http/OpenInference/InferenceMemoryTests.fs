/// Requests with long pictures: what arrives, and the memory that they are charged for.
module Tests.Expecto.Web.InferenceMemoryTests

open System
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.InferenceErrorsTests

let private tensor (data: string list) =
    let elements = data |> List.map (fun one -> "\"" + one + "\"") |> String.concat ","
    $$$"""{"inputs":[{"name":"image","shape":[{{{data.Length}}}],"datatype":"BYTES","data":[{{{elements}}}]}]}"""

let private budget =
    testTask "a request's memory is charged to the uploads' budget and returned" {
        use! web =
            WebUnderTest.StartWith(
                [ "--Upload:MaxBytes=65536"; "--Upload:MaxBuffered=120000" ],
                new TestWorker(Recognizes recognize)
            )

        let large = Convert.ToBase64String(Picture.png 60_000)

        do! answersError 503 "Too many pictures" "two blocks for two pictures" (postJson web (tensor [ large; large ]))

        for _ in 1..3 do
            do! Http.returns 200 "a small one has room, again and again" (postJson web (asking "[]"))
    }

let private noisy length =
    let picture = Picture.png length
    Random(length).NextBytes(Span(picture, 8, length - 8))
    picture

let private streamed =
    testTask "pictures of all lengths arrive unchanged from JSON, also with escapes and white space in their base64" {
        use! web =
            WebUnderTest.StartWith([ "--Upload:MaxBytes=2000000" ], new TestWorker(Recognizes recognize))

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
            let before = web.Worker.Pictures.Length
            let pictures = lengths |> List.map noisy

            let! answer =
                postJson web (tensor (pictures |> List.map (Convert.ToBase64String >> change)))

            Expect.equal (Http.status answer) 200 "answered"

            Expect.equal
                (web.Worker.Pictures |> Array.skip before |> Array.sortBy _.Length)
                (Array.ofList pictures)
                "unchanged"
    }

let private streamedWrong =
    testTask "invalid long strings get 400 and keep no memory" {
        use! web =
            WebUnderTest.StartWith([ "--Upload:MaxBytes=200000" ], new TestWorker(Recognizes recognize))

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
            do! answersError 400 says says (postJson web request)

        Expect.isEmpty web.Worker.Pictures "no worker was asked"
        do! Http.returns 200 "a good one has room" (postJson web (tensor [ good ]))
    }

let tests = testList "InferenceMemory" [ budget; streamed; streamedWrong ]
