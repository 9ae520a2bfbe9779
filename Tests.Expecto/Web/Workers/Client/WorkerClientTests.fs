/// What each step of the plain exchange comes to; the extended one has its own tests.
module Tests.Expecto.Web.WorkerClientTests

open System
open System.Buffers
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe

let private plain =
    { WorkersUnderTest.settings.Client with
        Mode = ExchangeMode.Plain
    }

let private client = WorkersUnderTest.client plain

let private askWithin (deadline: float) (client: WorkerClient) address (image: byte[]) =
    client.Send(
        address,
        ReadOnlySequence image,
        ClassifyOptions.None,
        TimeSpan.FromSeconds deadline,
        CancellationToken.None
    )

let private ask (worker: TestWorker) = askWithin 5.0 client worker.Address

let private recognized = Succeeded(Recognition.ofPredictions TestWorker.predictions)

let private fails name behaviour stage cause =
    testTask name {
        use worker = new TestWorker(behaviour)

        match! ask worker (Array.create 5000 7uy) with
        | Failed(failure, _) -> Expect.equal failure (Failure.at stage cause) "stage and cause"
        | other -> failtest $"{other}"

        do! WorkersUnderTest.eventually "the connection is closed" (fun () -> worker.Open = 0)
    }

let tests =
    testList
        "WorkerClient"
        [
            testTask "the worker gets the picture unchanged, and the predictions come back" {
                use worker = TestWorker.good ()

                use patient =
                    WorkersUnderTest.client
                        { plain with
                            Silence = TimeSpan.FromSeconds 10.0
                        }

                for length in [ 1; 2; 3; 1000; 300_000; 5_000_000 ] do
                    let image = Array.init length (fun index -> byte (index * 31))
                    let! outcome = askWithin 20.0 patient worker.Address image
                    Expect.equal outcome recognized "the answer"

                    Expect.isTrue (image.AsSpan().SequenceEqual(ReadOnlySpan(Array.last worker.Pictures))) "the picture"
            }

            testTask "a worker is reached by its host name, too" {
                use worker = TestWorker.good ()

                let! outcome =
                    askWithin
                        1.0
                        client
                        { worker.Address with
                            Host = "localhost"
                        }
                        [| 1uy |]

                Expect.equal outcome recognized "the answer"
            }

            testTask "an undecodable image is a refusal and no failure" {
                use worker = new TestWorker(CantDecode)
                let! outcome = ask worker [| 1uy |]
                Expect.equal outcome (PictureRefused Refusal.unexplained) "the answer"
            }

            testTask "a closed port is a connection failure" {
                match! askWithin 1.0 client (TestWorker.deadAddress ()) [| 1uy |] with
                | Failed(failure, detail) ->
                    Expect.equal failure (Failure.at Stage.Connect Cause.Refused) "stage and cause"
                    Expect.isNotEmpty detail "the system's error message"
                | other -> failtest $"{other}"
            }

            testTask "an unknown host is a connection failure" {
                match! askWithin 5.0 client (WorkerAddress.withoutTls "no-such-host.invalid" 8888) [| 1uy |] with
                | Failed(failure, _) -> Expect.equal failure.Stage Stage.Connect "the stage"
                | other -> failtest $"{other}"
            }

            fails "dead before the size's answer" (DiesBefore 0) Stage.Size Cause.Closed
            fails "dead before the image's answer" (DiesBefore 1) Stage.Image Cause.Closed
            fails "dead before the result" (DiesBefore 2) Stage.Result Cause.Closed
            fails "never a word" Silent Stage.Size Cause.TimedOut
            fails "no word about the image" (Stalls(1, 0)) Stage.Image Cause.TimedOut
            fails "no result" (Stalls(2, 0)) Stage.Result Cause.TimedOut
            fails "half a result, again and again" (Stalls(2, 10)) Stage.Result Cause.TimedOut
            fails "rejects every size" (Sends "N"B) Stage.Size Cause.RejectedTooOften
            fails "no answer, but something else" (Sends "X"B) Stage.Size (Cause.Malformed(NotAnAnswer 'X'B))

            testTask "a silent worker is given up after the silence limit, before the deadline" {
                use worker = new TestWorker(Silent)
                let watch = Stopwatch.StartNew()
                let! _ = ask worker [| 1uy |]
                Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 4.0) "the silence is 0.4 s, the deadline 5 s"
            }

            testTask "a user who disconnects cancels the exchange at once" {
                use worker = new TestWorker(Silent)
                use gone = new CancellationTokenSource(50)

                let asking =
                    client.Send(
                        worker.Address,
                        ReadOnlySequence [| 1uy |],
                        ClassifyOptions.None,
                        TimeSpan.FromSeconds 5.0,
                        gone.Token
                    )

                do! Task.WhenAny asking :> Task
                Expect.isTrue asking.IsCanceled "cancelled"
                do! WorkersUnderTest.eventually "the connection is closed" (fun () -> worker.Open = 0)
            }

            testTask "a worker that reads nothing does not hold the picture for ever" {
                use listener = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
                listener.Start()

                let accepting =
                    task {
                        let! socket = listener.AcceptSocketAsync()
                        let! _ = socket.ReceiveAsync(Memory(Array.zeroCreate<byte> 100))
                        let! _ = socket.SendAsync(ReadOnlyMemory "A"B)
                        return socket
                    }

                let watch = Stopwatch.StartNew()

                let! outcome =
                    askWithin 5.0 client (TestWorker.addressOf listener.LocalEndpoint) (Array.zeroCreate 20_000_000)

                use! socket = accepting
                Expect.equal outcome (Failed(Failure.at Stage.Image Cause.TimedOut, "")) "stage and cause"
                Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 4.0) "after the silence"
            }
        ]
