module Tests.Expecto.Web.WorkerClientTests

open System
open System.Buffers
open System.Diagnostics
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Protocol.Core
open Web.Giraffe

/// What each step of the plain exchange comes to; the extended one has its own tests.
let private plain =
    { WorkersUnderTest.settings.Client with
        Mode = ExchangeMode.Plain
    }

let private client =
    new WorkerClient(plain, TimeProvider.System, ModelDirectory(None, TimeProvider.System))

let private ask (worker: TestWorker) (image: byte[]) =
    client.Ask(
        worker.Address,
        ReadOnlySequence image,
        ClassifyOptions.None,
        TimeSpan.FromSeconds 5.0,
        CancellationToken.None
    )

let private fails name behaviour stage cause =
    testCaseTask name
    <| fun () ->
        task {
            use worker = new TestWorker(behaviour)
            let! outcome = ask worker (Array.create 5000 7uy)

            match outcome with
            | Failed(failure, _) -> Expect.equal failure (Failure.at stage cause) "stage and cause"
            | Replied answer -> failtest $"{answer}"

            do! WorkersUnderTest.eventually "the connection is closed" (fun () -> worker.Open = 0)
        }

let private garbage text =
    Says(Encoding.ASCII.GetBytes(text: string))

let tests =
    testList
        "WorkerClient"
        [
            testCaseTask "the worker gets the picture unchanged, and the predictions come back"
            <| fun () ->
                task {
                    use worker = TestWorker.good ()

                    let patient =
                        new WorkerClient(
                            { plain with
                                Silence = TimeSpan.FromSeconds 10.0
                            },
                            TimeProvider.System,
                            ModelDirectory(None, TimeProvider.System)
                        )

                    for length in [ 1; 2; 3; 1000; 300_000; 5_000_000 ] do
                        let image = Array.init length (fun index -> byte (index * 31))

                        let! outcome =
                            patient.Ask(
                                worker.Address,
                                ReadOnlySequence image,
                                ClassifyOptions.None,
                                TimeSpan.FromSeconds 20.0,
                                CancellationToken.None
                            )

                        Expect.equal
                            outcome
                            (Replied(Succeeded(Recognition.ofPredictions TestWorker.predictions)))
                            "the answer"

                        Expect.isTrue
                            (image.AsSpan().SequenceEqual(ReadOnlySpan(Array.last worker.Pictures)))
                            "the picture"
                }

            testCaseTask "an IPv4 address and a host name both reach the worker"
            <| fun () ->
                task {
                    use worker = TestWorker.good ()

                    let byName =
                        { worker.Address with
                            Host = "localhost"
                        }

                    let! outcome =
                        client.Ask(
                            byName,
                            ReadOnlySequence [| 1uy |],
                            ClassifyOptions.None,
                            TimeSpan.FromSeconds 1.0,
                            CancellationToken.None
                        )

                    Expect.equal
                        outcome
                        (Replied(Succeeded(Recognition.ofPredictions TestWorker.predictions)))
                        "the answer"
                }

            testCaseTask "an undecodable image is a refusal and no failure"
            <| fun () ->
                task {
                    use worker = new TestWorker(CantDecode)
                    let! outcome = ask worker [| 1uy |]
                    Expect.equal outcome (Replied(Undecodable Refusal.unexplained)) "the answer"
                }

            testCaseTask "a closed port is a connection failure"
            <| fun () ->
                task {
                    let! outcome =
                        client.Ask(
                            TestWorker.deadAddress (),
                            ReadOnlySequence [| 1uy |],
                            ClassifyOptions.None,
                            TimeSpan.FromSeconds 1.0,
                            CancellationToken.None
                        )

                    match outcome with
                    | Failed(failure, detail) ->
                        Expect.equal failure (Failure.at Stage.Connect Cause.Refused) "stage and cause"
                        Expect.isNotEmpty detail "the machine's own word"
                    | Replied answer -> failtest $"{answer}"
                }

            testCaseTask "an unknown host is a connection failure"
            <| fun () ->
                task {
                    let nowhere = WorkerAddress.plain "no-such-host.invalid" 8888

                    let! outcome =
                        client.Ask(
                            nowhere,
                            ReadOnlySequence [| 1uy |],
                            ClassifyOptions.None,
                            TimeSpan.FromSeconds 5.0,
                            CancellationToken.None
                        )

                    match outcome with
                    | Failed(failure, _) -> Expect.equal failure.Stage Stage.Connect "the stage"
                    | Replied answer -> failtest $"{answer}"
                }

            fails "dead before the size's answer" (DiesBefore 0) Stage.Size Cause.Closed
            fails "dead before the image's answer" (DiesBefore 1) Stage.Image Cause.Closed
            fails "dead before the result" (DiesBefore 2) Stage.Result Cause.Closed
            fails "never a word" Silent Stage.Size Cause.TimedOut
            fails "no word about the image" (Stalls(1, 0)) Stage.Image Cause.TimedOut
            fails "no result" (Stalls(2, 0)) Stage.Result Cause.TimedOut
            fails "half a result, whatever is asked" (Stalls(2, 10)) Stage.Result Cause.TimedOut
            fails "rejects every size" (garbage "N") Stage.Size Cause.RejectedTooOften
            fails "no answer, but something else" (garbage "X") Stage.Size (Cause.Malformed(NotAnAnswer 'X'B))

            testCaseTask "a silent worker is given up after the silence limit, before the deadline"
            <| fun () ->
                task {
                    use worker = new TestWorker(Silent)
                    let watch = Stopwatch.StartNew()
                    let! _ = ask worker [| 1uy |]
                    Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 2.0) "the silence is 0.4 s, the deadline 5 s"
                }

            testCaseTask "a user who disconnects cancels the exchange at once"
            <| fun () ->
                task {
                    use worker = new TestWorker(Silent)
                    use gone = new CancellationTokenSource(50)
                    let watch = Stopwatch.StartNew()

                    let asking =
                        client.Ask(
                            worker.Address,
                            ReadOnlySequence [| 1uy |],
                            ClassifyOptions.None,
                            TimeSpan.FromSeconds 1.0,
                            gone.Token
                        )

                    do! Task.WhenAny asking :> Task
                    Expect.isTrue asking.IsCanceled "cancelled"
                    Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 0.35) "at once"
                    do! WorkersUnderTest.eventually "the connection is closed" (fun () -> worker.Open = 0)
                }

            testCaseTask "a worker that reads nothing does not hold the picture for ever"
            <| fun () ->
                task {
                    use listener = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
                    listener.Start()
                    let address = TestWorker.addressOf listener.LocalEndpoint

                    let accepting =
                        task {
                            let! socket = listener.AcceptSocketAsync()
                            let! _ = socket.ReceiveAsync(Memory(Array.zeroCreate<byte> 100))
                            let! _ = socket.SendAsync(ReadOnlyMemory "A"B)
                            return socket
                        }

                    let watch = Stopwatch.StartNew()

                    let! outcome =
                        client.Ask(
                            address,
                            ReadOnlySequence(Array.zeroCreate<byte> 20_000_000),
                            ClassifyOptions.None,
                            TimeSpan.FromSeconds 5.0,
                            CancellationToken.None
                        )

                    use! socket = accepting
                    Expect.equal outcome (Failed(Failure.at Stage.Image Cause.TimedOut, "")) "stage and cause"
                    Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 2.0) "after the silence"
                }
        ]
