/// Several files in one request: each its own answer or problem, in the order of the request.
module Tests.Expecto.Web.BatchUploadTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

let private mixed =
    testTask "each file of a batch has the result that it has alone, in order" {
        use! web = serve [ "--Upload:MaxBytes=100000" ]

        let files =
            [
                "a.png", Picture.png 100
                "b.txt", "nonsense"B
                "c.png", Picture.png 100_001
                "d.png", [||]
                "e.png", Picture.png 200
            ]

        let! results = results (classify web (Http.files "file" files))
        Expect.equal (results |> List.map fileOf) (files |> List.map fst) "in order"
        Expect.equal (results |> List.map statusOf) [ 200; 415; 413; 400; 200 ] "each its own"
        let best = results[0].GetProperty("answer").GetProperty("predictions")[0]
        Expect.equal (string (best.GetProperty "label")) "Samoyed" "an answer"
        let problem = results[1].GetProperty "problem"
        Expect.stringContains (string (problem.GetProperty "detail")) "choose a picture" "a problem in words"
        Expect.equal (web.Worker.Pictures |> Array.map _.Length |> Array.sort) [| 100; 200 |] "the pictures alone"
    }

let private alone =
    testTask "one file is answered like a body, unless its field is called 'files'" {
        use! web = serve []

        let text field =
            Http.files field [ "a.txt", "nonsense"B ]

        let! root = Http.jsonOf (classify web (Http.file "a.png" (Picture.png 100)))
        Expect.isTrue (fst (root.TryGetProperty "predictions")) "as ever"
        do! refuses 415 "" "a file" (classify web (text "file"))
        let! results = results (classify web (text "files"))
        Expect.equal (results |> List.map statusOf) [ 415 ] "a list of one"
        do! refuses 400 "" "none" (classify web (Http.files "files" []))
    }

let private troubled =
    testTask "a lost worker fails only its own files, with Retry-After" {
        use! web = WebUnderTest.Start []

        let! results =
            results (classify web (Http.files "file" [ "a.png", Picture.png 100; "b.txt", "nonsense"B ]))

        Expect.equal (results |> List.map statusOf) [ 503; 415 ] "each its own"
        let retry = results[0].GetProperty("problem").GetProperty("retryAfter").GetInt32()
        Expect.equal retry 5 "seconds"
    }

let private options =
    testTask "options apply to every file, and what an original worker can't do is reported" {
        use! web = serve []

        let ask query content =
            web.Send("POST", $"/api/classify{query}", [], Some content)

        let picture = Picture.png 100
        let! root = Http.jsonOf (ask "?top=7&explain=true" (Http.body picture))

        Expect.equal
            (root.GetProperty("unmet").GetRawText())
            """["top","explain"]"""
            "the test's worker says two classes and no maps"

        let! root = Http.jsonOf (ask "?top=1" (Http.body picture))
        Expect.equal (root.GetProperty("predictions").GetArrayLength()) 1 "no more than asked for"
        Expect.isFalse (fst (root.TryGetProperty "unmet")) "nothing is"
        let! results = results (ask "?top=1000" (many "file" 2 100))

        for result in results do
            Expect.equal (result.GetProperty("answer").GetProperty("unmet").GetRawText()) """["top"]""" "each"

        Expect.equal (Array.last web.Worker.ReceivedParameters).Top (ValueSome 1000) "and was asked"
    }

let tests = testList "BatchUpload" [ mixed; alone; troubled; options ]
