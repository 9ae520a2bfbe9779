module Tests.Expecto.Web.DispatcherTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe

let private busy = Refuses(Refusal.create WorkerRefusal.Busy "")

let private areHealthy (service: WorkersUnderTest) =
    Expect.all service.Report (fun row -> row.State = Active && row.Failures = 0L) "no failure"

let tests =
    testList
        "Dispatcher"
        [
            testTask "five concurrent requests to three workers are all answered and shared 2-2-1" {
                use a = TestWorker.slow 50.0
                use b = TestWorker.slow 50.0
                use c = TestWorker.slow 50.0
                let service = WorkersUnderTest.start (TestWorker.addresses [ a; b; c ])
                let! results = service.ClassifyMany 5
                Expect.all results _.IsOk "all answered"
                Expect.equal [ a.PictureCount; b.PictureCount; c.PictureCount ] [ 2; 2; 1 ] "the pictures of each"
                Expect.equal (service.Report |> Array.map _.Uses) [| 2L; 2L; 1L |] "the report"
                Expect.equal service.Ejections [] "no ejection"
            }

            testTask "five concurrent requests to three dead addresses eject each once and end in five clear errors" {
                let dead = [ for _ in 1..3 -> TestWorker.deadAddress () ]
                let service = WorkersUnderTest.start dead
                let! results = service.ClassifyMany 5
                Expect.all results (fun result -> result = Error NoActiveWorker) "no active worker, five times"

                let reported = service.Ejections |> List.map _.Values["Worker"]
                Expect.equal (List.sort reported) (dead |> List.map string |> List.sort) "each once"
                Expect.all service.Report _.State.IsEjected "all ejected"
                Expect.all service.Report (fun row -> row.Failures = 1L && row.InFlight = 0) "one failure each"
            }

            testTask "a dead worker among live ones costs no request" {
                use a = TestWorker.good ()
                use b = TestWorker.good ()
                let dead = TestWorker.deadAddress ()
                let service = WorkersUnderTest.start [ dead; a.Address; b.Address ]
                let! first = service.Classify()
                let first = Expect.wantOk first "answered"
                Expect.equal first.Worker a.Address "the next one"
                Expect.equal first.Attempts 2 "attempts"
                Expect.equal first.Predictions TestWorker.predictions "the answer"
                let! results = service.ClassifyMany 20
                Expect.all results _.IsOk "all answered"
                Expect.equal service.Ejections.Length 1 "reported once"
                Expect.equal (service.Row dead).Uses 1L "and never used again"
            }

            testTask "however an exchange fails, the request goes to the next worker" {
                for behaviour in
                    [
                        DiesBefore 0
                        DiesBefore 1
                        DiesBefore 2
                        Stalls(2, 7)
                        Sends "X"B
                        Sends "N"B
                        Silent
                    ] do
                    use broken = new TestWorker(behaviour)
                    use good = TestWorker.good ()
                    let service = WorkersUnderTest.start [ broken.Address; good.Address ]
                    let! result = service.Classify()
                    Expect.equal (Expect.wantOk result "answered").Worker good.Address $"{behaviour}"
                    Expect.isTrue (service.Row broken.Address).State.IsEjected "ejected"
                    Expect.isSome (service.Row broken.Address).LastError "and why"
            }

            testTask "an image that the worker refuses is the user's error and ejects no worker" {
                use a = new TestWorker(CantDecode)
                use b = TestWorker.good ()
                let service = WorkersUnderTest.start (TestWorker.addresses [ a; b ])
                let! result = service.Classify()

                Expect.equal result (Error(ImageRefused(a.Address, Refusal.create "Damaged" "No picture."))) "refused"
                Expect.equal b.Accepted 0 "and not sent on"
                areHealthy service
            }

            testTask "a request refused as busy goes to the next worker, and the busy one stays active" {
                use a = new TestWorker(busy)
                use b = TestWorker.good ()
                let service = WorkersUnderTest.start (TestWorker.addresses [ a; b ])
                let! result = service.Classify()
                let answer = Expect.wantOk result "answered"
                Expect.equal (answer.Worker, answer.Attempts) (b.Address, 2) "the next one"
                areHealthy service
            }

            testTask "after three busy workers a request is rejected with Retry-After" {
                use a = new TestWorker(busy)
                use b = new TestWorker(busy)
                use c = new TestWorker(busy)
                use d = new TestWorker(busy)
                let workers = [ a; b; c; d ]

                for count in [ 2; 4 ] do
                    let! service =
                        WorkersUnderTest.negotiated (TestWorker.addresses (List.take count workers))

                    let! result = service.Classify()
                    Expect.equal result (Error(Overloaded(TimeSpan.FromSeconds 1.0))) $"of {count} workers"
                    areHealthy service

                Expect.equal (workers |> List.map _.Pictures.Length) [ 2; 2; 1; 0 ] "the pictures of each"
            }

            testTask "a user who disconnects ejects no worker" {
                use worker = TestWorker.slow 5_000.0
                let service = WorkersUnderTest.start [ worker.Address ]
                use gone = new CancellationTokenSource()
                let asking = service.Classify([| 1uy |], gone.Token)
                do! WorkersUnderTest.eventually "it has the picture" (fun () -> worker.Pictures.Length = 1)
                gone.Cancel()
                do! Task.WhenAny asking :> Task
                Expect.isTrue asking.IsCanceled "cancelled"
                // A plain exchange is sent to its end in the background.
                do! WorkersUnderTest.eventually "it is over" (fun () -> (service.Row worker.Address).InFlight = 0)
                let row = service.Row worker.Address
                Expect.equal (row.State, row.Failures, row.Uses) (Active, 0L, 1L) "the row"
            }

            testTask "a worker added while requests run is used from then on, and a removed one no more" {
                use a = TestWorker.slow 5.0
                use b = TestWorker.slow 5.0
                let service = WorkersUnderTest.start [ a.Address ]
                let stop = new CancellationTokenSource()

                let running =
                    Task.WhenAll
                        [
                            for _ in 1..4 ->
                                task {
                                    let mutable count = 0

                                    while not stop.IsCancellationRequested do
                                        let! result = service.Classify()
                                        Expect.isOk result "answered"
                                        count <- count + 1

                                    return count
                                }
                        ]

                do! WorkersUnderTest.eventually "the first is used" (fun () -> a.PictureCount > 10)
                Expect.equal (service.Operator.Add b.Address) Added "added"
                Expect.equal (service.Operator.Add b.Address) AlreadyThere "once"
                do! WorkersUnderTest.eventually "the new one is used" (fun () -> b.PictureCount > 10)
                Expect.equal (service.Operator.Remove a.Address) Removed "removed"
                Expect.equal (service.Operator.Remove a.Address) NotThere "once"
                do! WorkersUnderTest.eventually "it has finished" (fun () -> a.Open = 0)
                let used = a.PictureCount
                let others = b.PictureCount
                do! WorkersUnderTest.eventually "the other one goes on" (fun () -> b.PictureCount > others + 10)
                Expect.equal a.PictureCount used "used no more"
                stop.Cancel()
                let! counts = running
                Expect.isGreaterThan (Array.sum counts) 20 "requests"
                Expect.equal (service.Report |> Array.map _.Address) [| b.Address |] "the list"
            }

            testTask "with OnFailure = Remove a worker that fails is off the list" {
                let dead = TestWorker.deadAddress ()
                use good = TestWorker.good ()

                let service =
                    WorkersUnderTest.startWith
                        (fun settings ->
                            { settings with
                                Policy.OnFailure = OnFailure.Remove
                            })
                        [ dead; good.Address ]

                let! results = service.ClassifyMany 5
                Expect.all results _.IsOk "all answered"
                Expect.equal (service.Report |> Array.map _.Address) [| good.Address |] "the list"
                Expect.equal service.Ejections.Length 1 "reported once"
                Expect.equal (service.Lines.With 2011).Length 1 "removed once"
            }

            testTask "every event is one log line with named values" {
                use worker = TestWorker.good ()
                let dead = TestWorker.deadAddress ()
                let service = WorkersUnderTest.start [ dead; worker.Address ]
                let! _ = service.Classify([| 1uy; 2uy |], CancellationToken.None)
                let ids = service.DispatcherLines.All |> List.map _.Id
                Expect.equal ids [ 2001; 2012; 2001; 2010 ] "chosen, failed, chosen, finished"
                let finished = service.DispatcherLines.With 2010 |> List.exactlyOne
                Expect.equal finished.Values["Worker"] (string worker.Address) "worker"
                Expect.equal finished.Values["Bytes"] "2" "bytes"
                Expect.equal finished.Values["Attempts"] "2" "attempts"
                Expect.isTrue (finished.Values.ContainsKey "Milliseconds") "milliseconds"
                let ejection = service.Ejections |> List.exactlyOne
                Expect.equal (ejection.Values["Stage"], ejection.Values["Cause"]) ("Connect", "Refused") "why"
            }

            test "an empty picture and an oversized one are errors of the caller" {
                let service = WorkersUnderTest.start []

                for length in [ 0; 25_165_825 ] do
                    Expect.throwsT<ArgumentException>
                        (fun () -> service.Classify(Array.zeroCreate length, CancellationToken.None) |> ignore)
                        $"{length} bytes"
            }
        ]
