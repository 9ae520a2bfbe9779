/// Pictures through real nodes with the real model, while workers are added, removed or dead.
module Tests.Expecto.EndToEnd.ServiceTests

open System.IO
open System.Net.Http
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private top (answer: JsonElement) =
    let first = answer.GetProperty("predictions")[0]
    string (first.GetProperty "label"), first.GetProperty("probability").GetDouble()

let private reference =
    testTask "every reference photograph is classified over HTTP as in the reference" {
        use! web = Nodes.service [] []

        use expected =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.photographs, "reference.json")))

        for image in expected.RootElement.EnumerateObject() do
            let! status, answer = web.Classify(Repository.photograph image.Name)
            Expect.equal status 200 $"{answer}"
            let label, probability = top answer
            let best = image.Value.GetProperty("top5")[0]
            Expect.equal label (string (best.GetProperty "label")) image.Name

            Expect.floatClose
                { absolute = 0.01; relative = 0.0 }
                probability
                (best.GetProperty("probability").GetDouble())
                image.Name
    }

let private turns =
    testTask "five concurrent uploads to three workers are all answered and shared 2-2-1" {
        use! web = Nodes.serviceOf 3 [] [ "--Pool:CheckSeconds=0" ]
        let dog = Repository.photograph "dog.jpg"
        let! answers = [ for _ in 1..5 -> web.Classify dog ] |> Task.WhenAll

        for status, answer in answers do
            Expect.equal status 200 $"{answer}"
            Expect.equal (fst (top answer)) "Samoyed" "the right answer"

        let! uses = web.Uses()
        Expect.equal (List.map snd uses) [ 2; 2; 1 ] "in the order of the list"
    }

let private dead =
    testTask "five concurrent uploads to three dead addresses eject each once and end in five clear errors" {
        let ports = [ for _ in 1..3 -> Nodes.freePort () ]
        use! web = Nodes.web ports [ "--Pool:CheckSeconds=0" ]
        let cheetah = Repository.photograph "cheetah1.jpg"
        let! answers = [ for _ in 1..5 -> web.Classify cheetah ] |> Task.WhenAll

        for status, answer in answers do
            Expect.equal status 503 $"{answer}"
            Expect.equal (string (answer.GetProperty "title")) "No active worker" "in JSON"

        for port in ports do
            let reports =
                web.Node.Lines
                |> Array.filter (fun line -> line.Contains $"127.0.0.1:{port}" && line.Contains "Worker ejected")

            Expect.equal reports.Length 1 $"reported once:\n{web.Node.Text}"

        use form = new MultipartFormDataContent()
        form.Add(new ByteArrayContent(cheetah), "file", "cheetah.jpg")
        use! page = web.Client.PostAsync("/", form)
        let! text = page.Content.ReadAsStringAsync()
        Expect.equal (int page.StatusCode) 503 "the page's status"
        Expect.stringContains text "No active worker" "on the page"
    }

/// Asks without a pause until `stop`; every answer's worker, all of them 200.
let private load (web: WebNode) (picture: byte[]) (stop: unit -> bool) =
    task {
        let asked = ResizeArray<string>()

        while not (stop ()) do
            let! status, answer = web.Classify picture
            Expect.equal status 200 $"{answer}"
            asked.Add(string (answer.GetProperty "worker"))

        return asked
    }

let private whileRunning =
    testTask "a worker added under load is used from then on, and a removed one no more" {
        let first, second = Nodes.freePort (), Nodes.freePort ()
        use! _ = Nodes.worker first []
        use! _ = Nodes.worker second []
        use! web = Nodes.web [ first ] [ "--Pool:CheckSeconds=0" ]
        let cheetah = Repository.photograph "cheetah1.jpg"
        let mutable over = false
        let clients = [ for _ in 1..4 -> load web cheetah (fun () -> over) ]

        let isUsed port =
            Programs.eventually 20.0 (fun () -> web.Node.Text) (fun () ->
                task {
                    let! uses = web.Uses()

                    return
                        Map.ofList uses
                        |> Map.tryFind $"127.0.0.1:{port}"
                        |> Option.exists (fun uses -> uses >= 10)
                })

        do! isUsed first
        use! added = web.Client.GetAsync $"/add/127.0.0.1:{second}"
        Expect.isTrue added.IsSuccessStatusCode "added"
        do! isUsed second
        use! removed = web.Client.GetAsync $"/del/127.0.0.1:{first}"
        Expect.isTrue removed.IsSuccessStatusCode "removed"
        // What was asked before the removal may still be on its way.
        do! Task.Delay 500
        let! after = web.Classify cheetah
        over <- true
        let! asked = Task.WhenAll clients
        Expect.equal (string ((snd after).GetProperty "worker")) $"127.0.0.1:{second}" "the other one"

        for answers in asked do
            Expect.contains answers $"127.0.0.1:{first}" "used at first"
            Expect.equal answers[answers.Count - 1] $"127.0.0.1:{second}" "no more at last"
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Service" [ reference; turns; dead; whileRunning ]
