/// A worker is negotiated with again when another one replaces it, or when what is known of it expires.
module Tests.Expecto.Web.RenegotiationTests

open System
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Protocol.Core
open Web.Giraffe
open Scenarios.Peers
open Tests.Expecto.Web.NegotiationTests

let private replaced =
    testTask "replacing a worker by an original one and back fails no request" {
        use worker = TestWorker.good ()

        use client = WorkersUnderTest.client settings
        do! client.Negotiate worker.Address

        let becomes refusal capabilities =
            task {
                worker.Refusal <- refusal
                worker.Kill()
                worker.Restart()
                let! outcome = ask client worker.Address ClassifyOptions.None
                answered outcome

                do!
                    WorkersUnderTest.eventually $"{capabilities}" (fun () ->
                        client.Capabilities worker.Address = capabilities)
            }

        do! becomes (ValueSome [||]) PeerCapabilities.Plain
        let! outcome = ask client worker.Address ClassifyOptions.None
        answered outcome
    }

let private idleConnectionsEnded =
    testTask "a worker that has ended its idle connections is negotiated with again, without a request" {
        use worker = TestWorker.good ()

        use client = WorkersUnderTest.client settings
        do! client.Negotiate worker.Address
        worker.Refusal <- ValueSome [||]
        worker.Cut()

        do! WorkersUnderTest.eventually "plain" (fun () -> client.Capabilities worker.Address = PeerCapabilities.Plain)

        Expect.equal worker.PictureCount 0 "no request"
    }

/// Three originals, and the memory of what they take has run out: nobody waits for it.
let private expired =
    testTask "when the negotiated capabilities expire, five concurrent requests are answered while negotiations run" {
        let workers = [ for _ in 1..3 -> new OldWorker(named) ]
        let time = FakeTimeProvider()
        let addresses = List.map addressOf workers

        let engine =
            WorkersUnderTest(WorkersUnderTest.settings, TimeProvider.System, addresses, time)

        let negotiated count what =
            WorkersUnderTest.eventually what (fun () -> workers |> List.forall (fun worker -> worker.Died = count))

        let known () =
            addresses
            |> List.forall (fun address -> engine.Client.Capabilities address = PeerCapabilities.Plain)

        let negotiations = addresses |> List.map engine.Client.Negotiate |> Task.WhenAll
        do! negotiated 1 "negotiated with"

        do!
            WorkersUnderTest.eventually "known" (fun () ->
                time.Advance(TimeSpan.FromSeconds 0.2)
                negotiations.IsCompleted && known ())

        time.Advance(TimeSpan.FromMinutes 11.0)
        let! results = Task.WhenAll [ for _ in 1..5 -> engine.Classify() ]

        for result in results do
            let answer = Expect.wantOk result "answered"
            Expect.equal answer.Attempts 1 "by the first worker"

        Expect.equal (engine.Report |> Array.map _.Uses) [| 2L; 2L; 1L |] "turns shared"
        do! negotiated 2 "negotiated with again"
        Expect.all engine.Report (fun row -> row.State = Active && row.Failures = 0L) "nothing held against them"

        for worker in workers do
            (worker :> IDisposable).Dispose()
    }

let tests = testList "Renegotiation" [ replaced; idleConnectionsEnded; expired ]
