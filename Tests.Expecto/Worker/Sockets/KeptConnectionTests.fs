/// What a worker does with connections that have served an exchange.
module Tests.Expecto.Worker.KeptConnectionTests

open System
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Protocol.Core
open Tests.Expecto.Worker.ServerUnderTest

let private seconds (count: float) = TimeSpan.FromSeconds count

let private keeping idle = run (timed 20.0 20.0 idle)

let private label (payload: byte[]) =
    use document = JsonDocument.Parse(ReadOnlyMemory payload)
    document.RootElement.GetProperty("predictions").[0].GetProperty("label").GetString()

let private best =
    lazy (ReferenceTests.classify picture.Value |> Array.head |> _.Label)

let private expectAnswer socket =
    Expect.equal (label (NewPeer.ask socket Parameters.extended picture.Value)) best.Value "the answer"

let tests =
    testSequenced
    <| testList
        "KeptConnections"
        [
            test "an idle connection is closed without a message and without a failure in the log" {
                use worker = keeping 1.5
                use socket = OldPeer.connect worker.Port
                expectAnswer socket
                let waited = NewPeer.ended socket
                Expect.isGreaterThan waited (seconds 1.3) "not before its time"
                Expect.isLessThan waited (seconds 12.0) "and soon after it, not after ten times as long"
                Expect.isFalse (worker.HasLine 204) "nobody has failed"
            }

            test "a connection with the start of a size is not idle but silent" {
                for isBehindResult in [ true; false ] do
                    use worker = run (timed 30.0 1.0 60.0)
                    use socket = OldPeer.connect worker.Port
                    NewPeer.show socket Parameters.extended picture.Value
                    let output = NewPeer.hearUnanswered socket Parameters.extended
                    Expect.equal (label output) best.Value "the answer"

                    if isBehindResult then
                        OldPeer.send socket "AD 12"
                    else
                        OldPeer.send socket "A"
                        Threading.Thread.Sleep 300
                        OldPeer.send socket "D 12"

                    let clock = Diagnostics.Stopwatch.StartNew()

                    // What is incomplete for long is rejected before.
                    while OldPeer.read socket <> "" do
                        ()

                    Expect.isLessThan clock.Elapsed (seconds 15.0) "ended"
                    Expect.stringContains (worker.Line 204) "no answer in time" "as a failure"
            }

            test "each exchange has its own deadline" {
                use worker = keeping 1.0
                use socket = OldPeer.connect worker.Port

                for _ in 1..5 do
                    expectAnswer socket
                    Threading.Thread.Sleep 400

                expectAnswer socket
            }

            test "without keep the connection ends with the result's A" {
                use worker = keeping 60.0
                use socket = OldPeer.connect worker.Port

                let once =
                    { Parameters.extended with
                        Keep = false
                    }

                Expect.equal (label (NewPeer.ask socket once picture.Value)) best.Value "the answer"
                Expect.isLessThan (NewPeer.ended socket) (seconds 10.0) "ended"
            }

            test "a refused picture has a reason, and the connection serves the next one" {
                use worker = keeping 60.0
                use socket = OldPeer.connect worker.Port
                let output = NewPeer.ask socket Parameters.extended (Array.init 3000 byte)
                Expect.stringContains (Encoding.UTF8.GetString output) "\"reason\":\"UnknownFormat\"" "why"
                expectAnswer socket
            }

            test "an unknown parameter gets N and ends the connection" {
                use worker = keeping 60.0
                use socket = OldPeer.connect worker.Port
                OldPeer.send socket (OldPeer.data "3;raw;blue")
                Expect.equal (OldPeer.read socket) "N" "no"
                Expect.equal (OldPeer.read socket) "" "ended"
                Expect.stringContains (worker.Line 204) "there is no parameter 'blue'" "named in the log"
            }

            test "a stopping worker closes idle connections at once and finishes running exchanges" {
                use worker = keeping 60.0
                use idle = OldPeer.connect worker.Port
                use busy = OldPeer.connect worker.Port
                expectAnswer idle
                expectAnswer busy
                // Begun, and not yet whole.
                let half =
                    OldPeer.data $"{picture.Value.Length}{Parameters.write Parameters.extended}"

                OldPeer.send busy half
                Threading.Thread.Sleep 200
                let stopping: Task = worker.Server.StopAsync()
                Expect.isLessThan (NewPeer.ended idle) (seconds 5.0) "not after its idle time"
                Expect.isFalse stopping.IsCompleted "it waits for the other"
                NewPeer.showImage busy Parameters.extended picture.Value
                Expect.equal (label (NewPeer.hear busy Parameters.extended)) best.Value "the answer"
                Expect.isLessThan (NewPeer.ended busy) (seconds 5.0) "and no further exchange"
                Expect.isTrue (stopping.Wait(seconds 10.0)) "stopped"
            }
        ]
