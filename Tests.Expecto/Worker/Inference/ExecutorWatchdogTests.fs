/// Native code that does not return ends the worker, and holds no SIGTERM up.
module internal Tests.Expecto.Worker.ExecutorWatchdogTests

open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Worker.Inference
open Scenarios.Pictures
open Tests.Expecto.Worker.Files

let private seconds (count: float) = TimeSpan.FromSeconds count

/// Advances the clock until the condition holds, for a minute of it.
let private advance (clock: FakeTimeProvider) condition =
    task {
        let mutable left = 60

        while left > 0 && not (condition ()) do
            left <- left - 1
            clock.Advance(seconds 1.0)
            do! Task.Delay 5
    }

/// A black PNG of 31,000 x 31,000, whose zeros are one block of deflate again and again.
let private endlessPng =
    lazy
        (let side = 31_000

         use packed = new MemoryStream()
         use deflate = new DeflateStream(packed, CompressionLevel.SmallestSize)
         let zeros = Array.zeroCreate<byte>(1 <<< 20)

         let block () =
             let start = int packed.Length
             deflate.Write zeros
             deflate.Flush()
             packed.ToArray()[start..]

         let first = block ()
         let next = block ()
         let count = int (int64 side * int64 (side * 3 + 1) >>> 20) + 1
         let data = Array.concat ([| 0x78uy; 0xDAuy |] :: first :: List.replicate count next)

         pngOf [ PngWriter.Header(side, side) ] data)

/// Asks as long as it is answered.
let private ask port (file: byte[]) =
    Task.Run(fun () ->
        try
            OldPeer.ask port file |> ignore
        with _ ->
            ())

let tests =
    testSequenced
    <| testList
        "ExecutorWatchdog"
        [
            testTask "the watchdog fires once when an executor exceeds the limit, and not before" {
                let clock = FakeTimeProvider()
                let run = ref (seconds 19.0)
                let fired = ref []

                use watchdog =
                    new ExecutorWatchdog(
                        (fun () -> run.Value),
                        seconds 20.0,
                        clock,
                        fun time -> fired.Value <- time :: fired.Value
                    )

                do! advance clock (fun () -> watchdog.HasFired)
                Expect.isFalse watchdog.HasFired "within the limit"
                run.Value <- seconds 21.0
                do! advance clock (fun () -> watchdog.HasFired)
                Expect.isTrue watchdog.HasFired "beyond it"
                do! advance clock (fun () -> false)
                Expect.equal fired.Value [ seconds 21.0 ] "once"
            }

            testTask "a worker whose executor exceeds the limit logs it and ends with exit code 70" {
                let port = Nodes.freePort ()
                // 50 ms for an image, of which sixteen at once take more on any machine with fewer cores.
                use! worker = Nodes.worker port [ "--cores"; "16"; "--decode-time"; "0.01" ]
                use image = Pictures.scene 320 240
                let file = Pictures.jpeg image
                let clock = Stopwatch.StartNew()

                while not worker.HasEnded && clock.Elapsed < seconds 60.0 do
                    do! Task.WhenAll [| for _ in 1..32 -> ask port file |]

                let! code = worker.EndedAsync(seconds 30.0)
                Expect.equal code 70 "its own exit code"
                Expect.stringContains worker.Text "Executor overran" "why"
            }

            testTask "SIGTERM ends a worker within --drain while an executor decodes" {
                let port = Nodes.freePort ()

                use! worker =
                    Nodes.worker
                        port
                        [
                            "--cores=1"
                            "--drain=0.5"
                            "--deadline=120"
                            "--decode-time=3600"
                            "--max-pixels=1000000000"
                            "--max-held=4000000000"
                        ]

                let before = worker.ProcessorTime
                let asking = ask port (endlessPng.Force())

                do!
                    worker.UntilAsync(
                        "decoding",
                        seconds 60.0,
                        fun () -> Task.FromResult(worker.ProcessorTime - before > seconds 1.0)
                    )

                worker.Send Signal.Terminate
                let clock = Stopwatch.StartNew()
                let! code = worker.EndedAsync(seconds 60.0)
                Expect.isLessThan clock.Elapsed (seconds 4.0) "long before the picture is decoded"
                Expect.equal code 0 "as asked"
                do! asking
            }
        ]
