/// Pictures through real processes over real sockets with the real model, and what becomes of them when workers come,
/// go or are dead.
module Tests.Expecto.EndToEnd.ServiceTests

open System
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

        let counts () =
            task {
                let! uses = web.Uses()
                return Map.ofList uses
            }

        let until condition =
            task {
                let clock = Diagnostics.Stopwatch.StartNew()
                let! now = counts ()
                let mutable holds = condition now

                while not holds do
                    Expect.isLessThan clock.Elapsed (TimeSpan.FromSeconds 20.0) "in time"
                    do! Task.Delay 20
                    let! now = counts ()
                    holds <- condition now
            }

        do! until (fun uses -> uses[$"127.0.0.1:{first}"] >= 10)
        use! added = web.Client.GetAsync $"/add/127.0.0.1:{second}"
        Expect.isTrue added.IsSuccessStatusCode "added"
        do! until (fun uses -> uses[$"127.0.0.1:{second}"] >= 10)

        use! removed = web.Client.GetAsync $"/del/127.0.0.1:{first}"
        Expect.isTrue removed.IsSuccessStatusCode "removed"
        // What was asked before the removal may still be on its way.
        do! Task.Delay 500
        let! _ = web.Uses()
        let! after = web.Classify cheetah
        over <- true
        let! asked = Task.WhenAll clients
        Expect.equal (string ((snd after).GetProperty "worker")) $"127.0.0.1:{second}" "the other one"

        for answers in asked do
            Expect.contains answers $"127.0.0.1:{first}" "used at first"
            Expect.equal answers[answers.Count - 1] $"127.0.0.1:{second}" "no more at last"
    }

let private refused =
    testTask "an undecodable picture is the user's error and ejects no worker" {
        use! web = Nodes.service [] []
        // A JPEG's first bytes, so that the web node takes it for one.
        let broken =
            Array.append [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |] (Array.zeroCreate 2000)

        let! status, answer = web.Classify broken
        Expect.equal status 422 $"{answer}"
        let! status, _ = web.Classify(Repository.photograph "lion.webp")
        Expect.equal status 200 "the worker has its place"
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Service" [ reference; turns; dead; whileRunning; refused ]
