/// The answer in the class tree, from the real worker through the web node: the API, /v2, and the page without script.
module Tests.Expecto.EndToEnd.AnswersTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Text.Json
open Expecto
open Tests.Expecto

let private dog = lazy Repository.photograph "dog.jpg"

let private json (client: HttpClient) (path: string) (content: HttpContent) =
    task {
        use! reply = client.PostAsync(path, content)
        let! text = reply.Content.ReadAsStringAsync()
        Expect.equal reply.StatusCode HttpStatusCode.OK text
        return JsonDocument.Parse text
    }

/// The web node knows what its worker serves.
let private described (web: WebNode) =
    web.Node.UntilAsync(
        "with its worker's models",
        fun () ->
            task {
                let! models = web.Client.GetStringAsync "/api/models"
                return models.Contains "\"ready\""
            }
    )

let private labels (path: JsonElement) =
    [
        for node in path.EnumerateArray() -> string (node.GetProperty("label").GetString())
    ]

let private answers =
    testTask "one answer in the API, in /v2 and on the page without script, for either model" {
        use! web =
            Nodes.service [ "--model"; "squeezenet1_1,mobilenetv2" ] [ "--Cache:MaxBytes=1000000" ]

        do! described web

        for model in [ "squeezenet1_1"; "mobilenetv2" ] do
            let mutable first = ValueNone

            // The second one is cached.
            for _ in 1..2 do
                use! response =
                    json web.Client $"/api/classify?model={model}&explain=true" (new ByteArrayContent(dog.Value))

                let answer = response.RootElement.GetProperty "answer"
                Expect.equal (answer.GetProperty("id").GetString()) "n02111889" model
                Expect.equal (answer.GetProperty("label").GetString()) "Samoyed" "its label"
                Expect.equal (labels (answer.GetProperty "path")) [ "animal"; "dog"; "Samoyed" ] "its path"
                let probability = answer.GetProperty("probability").GetDouble()

                let top =
                    response.RootElement.GetProperty("predictions").Item(0).GetProperty("probability").GetDouble()

                Expect.equal probability top "a class's own probability"
                Expect.equal (first |> ValueOption.defaultValue probability) probability "the same from the cache"
                first <- ValueSome probability

                let strength =
                    response.RootElement.GetProperty("maps").Item(0).GetProperty("strength").GetDouble()

                Expect.floatClose Accuracy.high strength (sqrt top) "how strongly its map is drawn"

        let body =
            $$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{Convert.ToBase64String dog.Value}}"]}],"outputs":[{"name":"label"}]}"""

        use! response =
            json web.Client "/v2/models/squeezenet1_1/infer" (new StringContent(body))

        let text =
            response.RootElement.GetProperty("parameters").GetProperty("answers").GetString()

        use inner = JsonDocument.Parse(Unchecked.nonNull text)
        Expect.equal (inner.RootElement[0].GetProperty("id").GetString()) "n02111889" "/v2"
        Expect.equal (labels (inner.RootElement[0].GetProperty "path")) [ "animal"; "dog"; "Samoyed" ] "/v2's path"

        use form = new MultipartFormDataContent()
        form.Add(new ByteArrayContent(dog.Value), "file", "dog.jpg")
        use! reply = web.Client.PostAsync("/", form)
        let! page = reply.Content.ReadAsStringAsync()
        Expect.stringContains page "A Samoyed (93.1%)" "the sentence"
        Expect.stringContains page "animal › dog › Samoyed" "the path"
    }

let private confidence =
    testTask "Answer:Confidence sets how sure an answer must be" {
        let port = Nodes.freePort ()
        use! _ = Nodes.worker port []

        for confidence, label in [ "0.95", "dog"; "1", "" ] do
            use! web = Nodes.web [ port ] [ $"--Answer:Confidence={confidence}" ]
            do! described web
            use! response = json web.Client "/api/classify" (new ByteArrayContent(dog.Value))
            let answer = response.RootElement.GetProperty "answer"

            match label with
            | "" ->
                Expect.equal (answer.GetProperty("id").ValueKind) JsonValueKind.Null "not sure"
                Expect.equal (answer.GetProperty("path").GetArrayLength()) 0 "no path"
            | label -> Expect.equal (answer.GetProperty("label").GetString()) label "a group"
    }

let private names =
    testTask "no two classes have the same name, and a page lists and finds them" {
        use! web = Nodes.service [] []
        do! described web
        let! text = web.Client.GetStringAsync "/api/models/squeezenet1_1/labels"
        use response = JsonDocument.Parse text

        let all =
            [
                for label in response.RootElement.GetProperty("labels").EnumerateArray() -> string (label.GetString())
            ]

        let file =
            File.ReadAllLines(Path.Combine(Repository.modelMirror, "squeezenet1_1", "imagenet_classes.txt"))
            |> List.ofArray

        Expect.equal (List.distinct all).Length 1000 "all different"

        Expect.equal
            [
                for label, before in List.zip all file do
                    if label <> before then
                        label
            ]
            [ "crane (bird)"; "crane (machine)"; "maillot (tights)"; "maillot (swimsuit)" ]
            "those that had another's name"

        let! models = web.Client.GetStringAsync "/api/models"
        Expect.stringContains models "not people, text or landmarks" "what the model knows"
        let! page = web.Client.GetStringAsync "/models/squeezenet1_1/classes"
        Expect.stringContains page "1,000 classes." "the list"
        let! page = web.Client.GetStringAsync "/models/squeezenet1_1/classes?q=CRANE"
        Expect.stringContains page "crane (machine)</li>" "found"
        Expect.stringContains page "2 classes." "how many"
        let synonyms = response.RootElement.GetProperty "synonyms"
        Expect.equal (synonyms.GetArrayLength()) 1000 "further names of each"
        Expect.equal (string (synonyms[0].[0].GetString())) "Tinca tinca" "of the tench"
        let! page = web.Client.GetStringAsync "/models/squeezenet1_1/classes?q=Orca"
        Expect.stringContains page "orca</span></li>" "found by another name"
        Expect.stringContains page "1 class." "one"
        let! page = web.Client.GetStringAsync "/models/squeezenet1_1/classes?q=%3Cscript%3E"
        Expect.stringContains page "No class contains “&lt;script&gt;”." "escaped"
        use! missing = web.Client.GetAsync "/models/none/classes"
        Expect.equal missing.StatusCode HttpStatusCode.NotFound "another model"
    }

let tests = testList "Answers" [ answers; confidence; names ]
