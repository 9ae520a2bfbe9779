/// A worker is negotiated with again when another one replaces it, or when what is known of it expires.
module Tests.Expecto.Web.RenegotiationTests

open System
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe
open Scenarios.Peers
open Tests.Expecto.Web.NegotiationTests

let tests =
    testList
        "Renegotiation"
        [
            testTask "replacing a worker by an original one fails no request" {
                use worker = TestWorker.good ()
                use client = WorkersUnderTest.client settings
                do! client.Negotiate worker.Address
                worker.Refusal <- ValueSome [||]
                worker.Kill()
                worker.Restart()
                do! recognized client worker.Address

                do!
                    WorkersUnderTest.eventually "plain" (fun () ->
                        client.Capabilities worker.Address = PeerCapabilities.Plain)

                do! recognized client worker.Address
            }

            testTask "a worker that has ended its idle connections is negotiated with again, without a request" {
                use worker = TestWorker.good ()
                use client = WorkersUnderTest.client settings
                do! client.Negotiate worker.Address
                worker.Refusal <- ValueSome [||]
                worker.Cut()

                do!
                    WorkersUnderTest.eventually "plain" (fun () ->
                        client.Capabilities worker.Address = PeerCapabilities.Plain)

                Expect.equal worker.PictureCount 0 "no request"
            }

            testTask
                "when the negotiated capabilities expire, five concurrent requests are answered while negotiations run" {
                use first = new OldWorker(named)
                use second = new OldWorker(named)
                use third = new OldWorker(named)
                let workers = [ first; second; third ]
                let time = FakeTimeProvider()
                let addresses = List.map addressOf workers

                let service =
                    WorkersUnderTest(WorkersUnderTest.settings, TimeProvider.System, addresses, time)

                let negotiated count what =
                    WorkersUnderTest.eventually what (fun () ->
                        workers |> List.forall (fun worker -> worker.Died = count))

                let known () =
                    addresses
                    |> List.forall (fun address -> service.Client.Capabilities address = PeerCapabilities.Plain)

                let negotiations = service.Negotiated()
                do! negotiated 1 "negotiated with"

                do!
                    WorkersUnderTest.eventually "known" (fun () ->
                        time.Advance(TimeSpan.FromSeconds 0.2)
                        negotiations.IsCompleted && known ())

                time.Advance(TimeSpan.FromMinutes 11.0)
                let! results = service.ClassifyMany 5

                for result in results do
                    Expect.equal (Expect.wantOk result "answered").Attempts 1 "by the first worker"

                Expect.equal (service.Report |> Array.map _.Uses) [| 2L; 2L; 1L |] "shared"
                do! negotiated 2 "negotiated with again"
                Expect.all service.Report (fun row -> row.State = Active && row.Failures = 0L) "no failures"
            }
        ]
