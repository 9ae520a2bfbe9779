/// The extended exchange between real nodes: maps, traces, kept connections and their ends.
module Tests.Expecto.EndToEnd.ExtendedTests

open System
open System.Diagnostics
open System.Net.Http
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker
open Protocol.Core

let private seconds (count: float) = TimeSpan.FromSeconds count

let private dog = lazy (Repository.photograph "dog.jpg")

let private has (name: string) (body: Text.Json.JsonElement) = fst (body.TryGetProperty name)

let private explained =
    testTask "class activation maps are sent on request, and left out where the exchange has none" {
        use! web = Nodes.service [] [ "--Pool:CheckSeconds=0" ]
        let! status, body = web.Classify(dog.Value, "?top=3&explain=true")
        Expect.equal status 200 $"{body}"

        let indices (name: string) =
            [
                for one in body.GetProperty(name).EnumerateArray() -> one.GetProperty("index").GetInt32()
            ]

        Expect.equal (indices "maps") (indices "predictions") "a map for each of the three"
        Expect.equal (indices "maps").Head 258 "the Samoyed first"

        for map in body.GetProperty("maps").EnumerateArray() do
            Expect.equal (map.GetProperty("cells").GetBytesFromBase64().Length) (13 * 13) "its cells"

        let! _, body = web.Classify dog.Value
        Expect.isFalse (has "maps" body) "not asked for"

        use! plain = Nodes.service [] [ "--Client:Exchange=Plain"; "--Pool:CheckSeconds=0" ]

        let! status, body = plain.Classify(dog.Value, "?explain=true")
        Expect.equal status 200 "answered all the same"
        Expect.isFalse (has "maps" body) "the plain exchange has no room for it"
    }

let private traced =
    testTask "a request's trace is in the worker's log" {
        use! web = Nodes.service [] [ "--Pool:CheckSeconds=0" ]
        use picture = new ByteArrayContent(dog.Value)

        use request =
            new HttpRequestMessage(HttpMethod.Post, "/api/classify", Content = picture)

        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        let! status, body = web.Json request
        Expect.equal status 200 $"{body}"
        do! Programs.logs 10.0 web.Worker (fun () -> web.Worker.Text.Contains "0af7651916cd43dd8448eb211c80319c")
    }

let private endedWhenIdle =
    testTask "a worker that closes idle connections costs no request" {
        use! web = Nodes.service [ "--idle"; "0.3" ] [ "--Pool:CheckSeconds=0" ]

        for pause in [ 0; 250; 300; 350; 900 ] do
            do! Task.Delay pause
            let! status, body = web.Classify dog.Value
            Expect.equal status 200 $"after {pause} ms: {body}"

        let! _, body = web.Get "/api/workers"
        let row = body.GetProperty("workers")[0]
        Expect.equal (row.GetProperty("failures").GetInt64()) 0L "nothing is held against the worker"
        Expect.isFalse web.Worker.HasEnded "it runs"
    }

let private stopped =
    testTask "a stopping worker does not wait for idle connections" {
        let ports = [ Nodes.freePort (); Nodes.freePort () ]
        use! first = Nodes.worker ports[0] [ "--drain"; "30" ]
        use! _second = Nodes.worker ports[1] []
        use! web = Nodes.web ports [ "--Pool:CheckSeconds=0" ]
        // The web node keeps connections to both, and somebody else keeps one that it does not use.
        let! answers = Task.WhenAll [ for _ in 1..8 -> web.Classify dog.Value ]
        Expect.all answers (fun (status, _) -> status = 200) "answered"
        use idle = OldPeer.connect ports[0]
        NewPeer.ask idle Parameters.extended dog.Value |> ignore

        let clock = Stopwatch.StartNew()
        first.Send Signal.Terminate
        let! code = first.EndedAsync(seconds 20.0)
        Expect.equal code 0 "as it should"
        Expect.isLessThan clock.Elapsed (seconds 10.0) "long before its 30 s"

        for _ in 1..4 do
            let! status, body = web.Classify dog.Value
            Expect.equal status 200 $"the other one answers: {body}"
    }

let tests = testList "Extended" [ explained; traced; endedWhenIdle; stopped ]
