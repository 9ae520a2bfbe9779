/// The options of a classify request, from wherever a client sends them, and the bodies that are JSON.
module Tests.Expecto.Web.ClassifyOptionsTests

open System
open System.Net.Http
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open Tests.Expecto.Web.UploadTests
open Tests.Expecto.Web.InferenceUnderTest

let send (web: WebUnderTest) path contentType (body: byte[]) =
    let content = new ByteArrayContent(body)

    if contentType <> "" then
        content.Headers.TryAddWithoutValidation("Content-Type", contentType) |> ignore

    web.Send("POST", path, [], Some content)

let sendJson web path (json: string) =
    send web path "application/json" (Encoding.UTF8.GetBytes json)

let classesOf (answer: HttpResponseMessage) =
    task {
        let! root = Http.json answer
        Expect.equal (Http.status answer) 200 (root.GetRawText())

        return
            [
                for found in root.GetProperty("predictions").EnumerateArray() -> found.GetProperty("index").GetInt32()
            ]
    }

/// Options by query, by form and by JSON: the same picture, whose own class is 7.
let private ways (web: WebUnderTest) (options: (string * string) list) : (string * Task<HttpResponseMessage>) list =
    let query =
        options
        |> List.map (fun (name, text) -> $"{name}={Uri.EscapeDataString text}")
        |> String.concat "&"

    let form isFirst =
        let form = new MultipartFormDataContent()

        if isFirst then
            for name, text in options do
                form.Add(new StringContent(text), name)

        form.Add(Http.part "a.png" (picture 7))

        if not isFirst then
            for name, text in options do
                form.Add(new StringContent(text), name)

        form

    [
        "query", send web $"/api/classify?{query}" "" (picture 7)
        "fields before the file", web.Send("POST", "/api/classify", [], Some(form true))
        "fields after the file", web.Send("POST", "/api/classify", [], Some(form false))
        "JSON",
        sendJson web "/api/classify" (JsonSerializer.Serialize(dict [ yield "image", base64 7; yield! options ]))
    ]

let private everyWay =
    testCaseTask "options may be in the query, in the form on either side of the file, or in the JSON"
    <| fun () ->
        withWorker (fun web _ ->
            task {
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
                        let! answer = answer
                        let! classes = classesOf answer
                        Expect.equal classes expected $"{way}: {options}"
            })

let private long =
    testCaseTask "as many classes as there may be fit into a form's field, and a longer field is refused"
    <| fun () ->
        withWorker (fun web worker ->
            task {
                let form (fields: (string * string) list) =
                    let form = new MultipartFormDataContent()

                    for name, text in fields do
                        form.Add(new StringContent(text), name)

                    form.Add(Http.part "a.png" (picture 7))
                    web.Send("POST", "/api/classify", [], Some form)

                let names = [ for number in 0..999 -> $"class {number}" ]
                let! answer = form [ "labels", String.Join(", ", names) ]
                let! classes = classesOf answer
                Expect.hasLength classes 1000 "all"
                let! answer = form [ for name in List.truncate 100 names -> "labels", name ]
                let! classes = classesOf answer
                Expect.hasLength classes 100 "each in a field"
                let asked = worker.Pictures.Length
                let! answer = form [ "labels", String('x', 32_769) ]
                let! detail = refused 400 answer
                Expect.stringContains detail "'labels' may have up to 32768 bytes" "the limit"
                let! answer = form [ for _ in 1..3 -> "labels", String('x', 30_000) ]
                let! _ = refused 400 answer
                Expect.hasLength worker.Pictures asked "no worker was asked"
            })

let private wrong =
    testCaseTask "an unknown option is 400 with the nearest known one, as is a value that it does not have"
    <| fun () ->
        withWorker (fun web worker ->
            task {
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
                        let! answer = answer
                        let! detail = refused 400 answer
                        Expect.stringContains detail says $"{way}: {option}={value}"

                for query, says in
                    [
                        "modle=a", "There is no query parameter 'modle'. Did you mean model?"
                        "\"ü%3Cscript%3E%2B%26=1", "There is no query parameter '\\\"ü\\u003Cscript>+&'."
                    ] do
                    let! answer = send web $"/api/classify?{query}" "" (picture 7)
                    let! text = Http.text answer

                    Expect.stringContains
                        text
                        $"\"detail\":\"{says}"
                        "as a person reads it in a terminal, but no markup"

                let! answer = send web "/api/classify?top=3&top=4" "" (picture 7)
                let! detail = refused 400 answer
                Expect.stringContains detail "more than once" "twice in the query"

                let! answer =
                    sendJson web "/api/classify?top=3" $"""{{"image":"{base64 7}","top":3}}"""

                let! detail = refused 400 answer
                Expect.stringContains detail "more than once" "in the query and in the JSON"
                Expect.isEmpty worker.Pictures "no worker was asked"
            })

let private explain =
    testCaseTask "explain alone means true"
    <| fun () ->
        withWorker (fun web _ ->
            task {
                for query, isAsked in
                    [
                        "?explain", true
                        "?explain=", true
                        "?explain=True", true
                        "?explain=1", true
                        "?explain=false", false
                        "", false
                    ] do
                    let! answer = send web $"/api/classify{query}" "" (picture 7)
                    let! root = Http.json answer
                    // The worker of this test has no maps.
                    Expect.equal (fst (root.TryGetProperty "unmet")) isAsked query
            })

let private named =
    testCaseTask "a label that the model does not have is 400 with the nearest one; a name may have a comma"
    <| fun () ->
        task {
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

            use worker = new TestWorker(Recognizes answer)
            let models = worker.Models

            worker.Models <-
                { models with
                    Models =
                        [|
                            for model in models.Models ->
                                { model with
                                    Digest = "abc"
                                    Labels = labels
                                    Classes = 4
                                }
                        |]
                }

            use! web = WebUnderTest.Start [ worker.Address ]

            let isDescribed () =
                task {
                    let! models = web.Send("GET", "/api/models")
                    let! models = Http.text models
                    return models.Contains "squeezenet1_1"
                }

            do! Tests.Expecto.Programs.eventually 20.0 (fun () -> "not described") isDescribed

            for labels, expected in
                [
                    "tench, Tinca tinca", [ 0 ]
                    "goldfish,crane", [ 1; 2; 3 ]
                    "GOLDFISH, 0", [ 0; 1 ]
                ] do
                let! answer =
                    send web $"/api/classify?labels={Uri.EscapeDataString labels}" "" (picture 7)

                let! classes = classesOf answer
                Expect.equal classes expected labels

            let! answer =
                sendJson web "/api/classify" $"""{{"image":"{base64 7}","labels":["tench, Tinca tinca",3]}}"""

            let! classes = classesOf answer
            Expect.equal classes [ 0; 3 ] "an array"
            let! answer = send web "/api/classify?top=20" "" (picture 7)
            let! root = Http.json answer
            Expect.isFalse (fst (root.TryGetProperty "unmet")) "all classes that the model has"
            let! answer = send web "/api/classify?labels=goldfish,goldfsh" "" (picture 7)
            let! detail = refused 400 answer
            Expect.stringContains detail "'goldfsh'. Did you mean goldfish?" "the nearest"

            for number in [ "4"; "-1"; "99999999999"; "1.5" ] do
                let! answer = send web $"/api/classify?labels={number}" "" (picture 7)
                let! detail = refused 400 answer
                Expect.equal detail $"The model has no class '{number}'. Its classes are 0 to 3." "a number"

            let! answer =
                sendJson web "/api/classify" $"""{{"image":"{base64 7}","labels":["{String('x', 60_000)}"]}}"""

            let! detail = refused 400 answer
            Expect.isLessThan detail.Length 300 "a long name is not repeated"
        }

let tests = testList "ClassifyOptions" [ everyWay; long; wrong; explain; named ]
