/// Connections that send nothing, or more than is read, don't keep the worker from answering others.
module Tests.Expecto.Worker.WorkerLimitsTests

open System
open System.Net.Sockets
open System.Text
open System.Threading
open Expecto
open Microsoft.Extensions.DependencyInjection
open Node.Hosting
open Tests.Expecto.Worker.ServerUnderTest

let private mebibyte = 1 <<< 20

let private budgetOf (worker: Running) =
    worker.Server.Services.GetRequiredService<ByteBudget>()

/// A connection that has announced an image of 24 MB, sent as much of it, and sends nothing more.
let private unfinished (worker: Running) (bytes: int) =
    let socket = OldPeer.connect worker.Port
    OldPeer.send socket (OldPeer.data "32000000")
    OldPeer.read socket |> ignore

    try
        OldPeer.send socket ("D " + String('A', bytes))
    with :? SocketException ->
        // It was closed for the others.
        ()

    socket

let private readAll (socket: Socket) =
    let all = StringBuilder()
    let mutable output = OldPeer.read socket

    while output <> "" do
        all.Append output |> ignore
        output <- OldPeer.read socket

    string all

let tests =
    testSequenced
    <| testList
        "WorkerLimits"
        [
            test "images that never end hold no more than the budget, and honest clients are answered" {
                use worker =
                    new Running(standard, 100, TimeSpan.FromSeconds 10.0, null, Nullable(), 80L * int64 mebibyte)

                let budget = budgetOf worker
                let attackers = ResizeArray<Socket>()

                for _ in 1..40 do
                    attackers.Add(unfinished worker (5 * mebibyte))
                    Expect.isLessThan budget.Held (budget.Limit + int64 (8 * mebibyte)) "never much more"

                for _ in 1..10 do
                    Expect.equal (OldPeer.ask worker.Port picture.Value) ("A", "A", expected ()) "an honest client"

                Expect.stringContains (worker.Line 208) "evicted as the slowest" "logged"

                for socket in attackers do
                    socket.Dispose()
            }

            test "what was held is returned, whether an exchange ends well, is refused or breaks off" {
                use worker = run standard
                let budget = budgetOf worker
                OldPeer.ask worker.Port picture.Value |> ignore
                use refused = OldPeer.connect worker.Port
                let junk = Array.init 300_000 byte
                OldPeer.send refused (OldPeer.size junk)
                OldPeer.read refused |> ignore
                OldPeer.send refused (OldPeer.image junk)
                readAll refused |> ignore
                (unfinished worker mebibyte).Dispose()

                if not (SpinWait.SpinUntil((fun () -> budget.Held = 0L), TimeSpan.FromSeconds 30.0)) then
                    failtest $"{budget.Held} bytes are still held"
            }

            test "more silent connections than the worker accepts do not delay a client" {
                use worker = new Running(standard, 20, TimeSpan.FromSeconds 10.0)
                let silent = [ for _ in 1..60 -> OldPeer.connect worker.Port ]
                let clock = Diagnostics.Stopwatch.StartNew()
                Expect.equal (OldPeer.ask worker.Port picture.Value) ("A", "A", expected ()) "answered"
                Expect.isLessThan clock.Elapsed.TotalSeconds 12.0 "not after the 20 s of a silent client"

                for socket in silent do
                    socket.Dispose()
            }

            test "a refusal reaches a client that has sent more than was read" {
                use worker = run standard
                use socket = OldPeer.connect worker.Port
                let sizes = String.replicate 3 (OldPeer.data "33554436")
                OldPeer.send socket (sizes + String('x', 2 * mebibyte))
                // So that a reset would be there first.
                Thread.Sleep 500
                Expect.equal (readAll socket) "NNN" "the refusals, and then the end"
            }
        ]
