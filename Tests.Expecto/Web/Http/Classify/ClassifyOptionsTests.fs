/// The options of a classify request, from wherever a client sends them.
module Tests.Expecto.Web.ClassifyOptionsTests

open System
open System.Net.Http
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open Tests.Expecto.Web.ClassifyUnderTest
open Tests.Expecto.Web.InferenceUnderTest

/// Options by query, by form and by JSON: the same picture, whose own class is 7.
let private ways (web: WebUnderTest) (options: (string * string) list) : (string * Task<HttpResponseMessage>) list =
    let query =
        options
        |> List.map (fun (name, text) -> $"{name}={Uri.EscapeDataString text}")
        |> String.concat "&"

    let fields = [ for name, text in options -> Http.field name text ]
    let file = [ Http.part "a.png" (picture 7) ]

    [
        "query", send web $"/api/classify?{query}" "" (picture 7)
        "fields before the file", classify web (Http.form (fields @ file))
        "fields after the file", classify web (Http.form (file @ fields))
        "JSON", classifyJson web (JsonSerializer.Serialize(dict [ yield "image", base64 7; yield! options ]))
    ]

let private everyWay =
    testTask "options may be in the query, in the form on either side of the file, or in the JSON" {
        use! web = serveInference []

        for options, expected in
            [
                [ "top", "3" ], [ 7; 0; 1 ]
                [ "top", "3"; "threshold", "0.5" ], [ 7 ]
                [ "threshold", "1" ], []
                [ "labels", "258,7, 300" ], [ 7; 258; 300 ]
                [ "labels", "Class 9" ], [ 9 ]
                [ "labels", "class 9,7,8"; "top", "2" ], [ 7; 8 ]
                [ "labels", "999"; "threshold", "0.5" ], []
                [ "labels", " , " ], [ 7; 0; 1; 2; 3 ]
                [ "top", " 2\n" ], [ 7; 0 ]
                [], [ 7; 0; 1; 2; 3 ]
            ] do
            for way, answer in ways web options do
                let! classes = classesOf answer
                Expect.equal classes expected $"{way}: {options}"
    }

let private long =
    testTask "as many classes as there may be fit into a form's field, and a longer field is refused" {
        use! web = serveInference []

        let labels texts =
            Http.form
                [
                    for text in texts do
                        Http.field "labels" text
                    Http.part "a.png" (picture 7)
                ]
            |> classify web

        let names = [ for number in 0..999 -> $"class {number}" ]
        let! classes = classesOf (labels [ String.Join(", ", names) ])
        Expect.hasLength classes 1000 "all"
        let! classes = classesOf (labels (List.truncate 100 names))
        Expect.hasLength classes 100 "each in a field"
        let asked = web.Worker.Pictures.Length
        do! refuses 400 "'labels' may have up to 32768 bytes" "the limit" (labels [ String('x', 32_769) ])
        do! refuses 400 "" "together" (labels (List.replicate 3 (String('x', 30_000))))
        Expect.hasLength web.Worker.Pictures asked "no worker was asked"
    }

let private wrong =
    testTask "an unknown option is 400 with the nearest known one, as is a value that it does not have" {
        use! web = serveInference []

        for option, value, says in
            [
                "top_k", "3", "'top_k'. Did you mean top?"
                "modell", "a", "Did you mean model?"
                "treshold", "1", "Did you mean threshold?"
                "label", "1", "Did you mean labels?"
                "nonsense", "1", "There are: "
                "top", "0", "1 to 1000"
                "top", "1001", "1 to 1000"
                "top", "five", "1 to 1000"
                "threshold", "2", "from 0 to 1"
                "threshold", "NaN", "from 0 to 1"
                "explain", "maybe", "true or false"
                "model", "No Such", "'model' is"
            ] do
            for way, answer in ways web [ option, value ] do
                do! refuses 400 says $"{way}: {option}={value}" answer

        for query, says in
            [
                "modle=a", "There is no query parameter 'modle'. Did you mean model?"
                "\"ü%3Cscript%3E%2B%26=1", "There is no query parameter '\\\"ü\\u003Cscript>+&'."
            ] do
            let! text = Http.textOf (send web $"/api/classify?{query}" "" (picture 7))
            Expect.stringContains text $"\"detail\":\"{says}" "as a person reads it in a terminal, but no markup"

        do! refuses 400 "more than once" "twice in the query" (send web "/api/classify?top=3&top=4" "" (picture 7))

        let both =
            sendJson web "/api/classify?top=3" $"""{{"image":"{base64 7}","top":3}}"""

        do! refuses 400 "more than once" "in the query and in the JSON" both
        Expect.isEmpty web.Worker.Pictures "no worker was asked"
    }

let private explain =
    testTask "explain alone means true" {
        use! web = serveInference []

        for query, isAsked in
            [
                "?explain", true
                "?explain=", true
                "?explain=True", true
                "?explain=1", true
                "?explain=false", false
                "", false
            ] do
            let! root = Http.jsonOf (send web $"/api/classify{query}" "" (picture 7))
            // The worker of this test has no maps.
            Expect.equal (fst (root.TryGetProperty "unmet")) isAsked query
    }

let private named =
    testTask "a label that the model does not have is 400 with the nearest one; a name may have a comma" {
        let labels = [| "tench, Tinca tinca"; "goldfish"; "crane"; "crane" |]

        let answer (_: byte[]) (parameters: Parameters) =
            { Recognition.ofPredictions [||] with
                Classes =
                    labels
                    |> Array.mapi (fun index label ->
                        {
                            Index = index
                            Label = label
                            Probability = 0.4 - 0.1 * float index
                        })
                    |> Array.truncate (Parameters.classes parameters)
            }

        let worker = new TestWorker(Recognizes answer)

        worker.Models <-
            { worker.Models with
                Models =
                    [|
                        for model in worker.Models.Models ->
                            { model with
                                Digest = "abc"
                                Labels = labels
                                Classes = 4
                            }
                    |]
            }

        use! web = WebUnderTest.StartDescribed([], [ worker ])

        let ask query =
            send web $"/api/classify?{query}" "" (picture 7)

        for labels, expected in
            [
                "tench, Tinca tinca", [ 0 ]
                "goldfish,crane", [ 1; 2; 3 ]
                "GOLDFISH, 0", [ 0; 1 ]
            ] do
            let! classes = classesOf (ask $"labels={Uri.EscapeDataString labels}")
            Expect.equal classes expected labels

        let! classes =
            classesOf (classifyJson web $"""{{"image":"{base64 7}","labels":["tench, Tinca tinca",3]}}""")

        Expect.equal classes [ 0; 3 ] "an array"
        let! root = Http.jsonOf (ask "top=20")
        Expect.isFalse (fst (root.TryGetProperty "unmet")) "all classes that the model has"
        do! refuses 400 "'goldfsh'. Did you mean goldfish?" "the nearest" (ask "labels=goldfish,goldfsh")

        for number in [ "4"; "-1"; "99999999999"; "1.5" ] do
            let says = $"The model has no class '{number}'. Its classes are 0 to 3."
            do! refuses 400 says "a number" (ask $"labels={number}")

        let! answer =
            classifyJson web $"""{{"image":"{base64 7}","labels":["{String('x', 60_000)}"]}}"""

        let! detail = refused 400 answer
        Expect.isLessThan detail.Length 300 "a long name is not repeated"
    }

let tests = testList "ClassifyOptions" [ everyWay; long; wrong; explain; named ]
