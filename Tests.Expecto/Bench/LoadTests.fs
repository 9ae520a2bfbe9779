/// The load generator: its figures, what it asks, and the program as people call it.
module Tests.Expecto.Bench.LoadTests

open System
open System.IO
open System.Net
open Expecto
open Load.Options
open Load.Pictures
open Load.Running
open Load.Targets
open Protocol.Core
open Tests.Expecto.EndToEnd
open Tests.Expecto.Web

let private seconds (value: float) = TimeSpan.FromSeconds value
let private milliseconds (value: float) = TimeSpan.FromMilliseconds value
let private clients = Level.Clients 4 :> Level
let private picture = Picture("man", "Man"B)

let private labels = [| { Label = "otter"; Probability = 0.9 } |]

/// One window of `level` on a worker of the tests' own, and how many pictures that got in all.
let private measure behaviour level exchange (timeout: float) =
    task {
        use worker = new TestWorker(behaviour)

        let options =
            LoadOptions(
                Uri $"dan://127.0.0.1:{worker.Address.Port}",
                Exchange = exchange,
                Timeout = seconds timeout,
                MaxOutstanding = 8
            )

        use target = Target.Of options
        let run = LoadRun.Start(target, [| picture |], level, options)
        let! window = run.WindowAsync(TimeSpan.Zero, seconds 0.6)
        do! run.DisposeAsync()
        return window, worker.Pictures.Length
    }

let private asking =
    testList
        "Asking"
        [
            testCaseTask "a closed load has as many requests under way as clients, by either exchange"
            <| fun () ->
                task {
                    for exchange in [ ExchangeKind.Extended; ExchangeKind.Plain ] do
                        let! window, asked = measure (Names(labels, milliseconds 20.0)) clients exchange 5.0
                        Expect.isEmpty window.Errors $"{exchange}: errors"
                        Expect.isGreaterThan window.Answers 4L $"{exchange}: answers"
                        Expect.isLessThan window.Answers 125L $"{exchange}: no more than 4 every 20 ms"
                        Expect.isGreaterThanOrEqual asked (int window.Answers) $"{exchange}: the worker had them all"
                        Expect.isGreaterThanOrEqual (window.Milliseconds 0.0) 19.0 $"{exchange}: the shortest latency"
                }

            testCaseTask "an open load's latency counts from the moment at which a request was due"
            <| fun () ->
                task {
                    // Some 90 fall due; 8 may be out, and each takes 200 ms: most can't be sent, and none is forgotten.
                    let! window, _ =
                        measure (Names(labels, milliseconds 200.0)) (Level.Rate 150.0) ExchangeKind.Extended 5.0

                    let unsent = window.Errors["not sent: 8 unanswered"]
                    Expect.isGreaterThan unsent 10L "not sent"
                    Expect.isLessThanOrEqual (window.Answers + unsent) window.Due "none is counted twice"
                    Expect.isGreaterThanOrEqual (window.Answers + unsent + 8L) window.Due "none is forgotten"
                }

            testCaseTask "errors are counted by their kind"
            <| fun () ->
                task {
                    let! dies, _ = measure (DiesBefore 2) clients ExchangeKind.Extended 5.0
                    Expect.sequenceEqual dies.Errors.Keys [ "result/closed" ] "the connection ends"
                    let! silent, _ = measure Silent clients ExchangeKind.Extended 0.2
                    Expect.sequenceEqual silent.Errors.Keys [ "timed out" ] "no answer"
                    Expect.equal (dies.Answers + silent.Answers) 0L "answers"
                }

            testCaseTask "a web node's refusals are errors by their status"
            <| fun () ->
                task {
                    use web = new HttpListener()
                    let port = Nodes.freePort ()
                    web.Prefixes.Add $"http://127.0.0.1:{port}/"
                    web.Start()

                    let answer =
                        task {
                            let! context = web.GetContextAsync()
                            Expect.equal (string context.Request.Url) $"http://127.0.0.1:{port}/api/classify" "route"
                            context.Response.StatusCode <- 503
                            context.Response.Close()
                        }

                    use target = Target.Of(LoadOptions(Uri $"http://127.0.0.1:{port}"))
                    let! said = target.AskAsync picture
                    do! answer
                    Expect.equal (string said) "503 service unavailable" "kind"
                }
        ]

let private program =
    /// What the program prints to both ends, and its exit code.
    let run (arguments: string list) =
        task {
            use node = Node.Start("load", Nodes.program "bench/Load", arguments, [])
            let! code = node.Ended(seconds 60.0)
            return code, node.Text
        }

    testList
        "Program"
        [
            testCaseTask "it measures a worker, and writes what it found"
            <| fun () ->
                task {
                    use worker = new TestWorker(Names(labels, milliseconds 2.0))
                    let folder = Directory.CreateTempSubdirectory "load"

                    try
                        let file name = Path.Combine(folder.FullName, name)

                        let! code, text =
                            run
                                [
                                    "--target"
                                    $"dan://127.0.0.1:{worker.Address.Port}"
                                    "--concurrency"
                                    "1,2"
                                    "--window=0.2"
                                    "--warm-up=0.1"
                                    "--max-windows=3"
                                    "--markdown"
                                    "--csv"
                                    file "all.csv"
                                    "--svg"
                                    file "all.svg"
                                ]

                        Expect.equal code 0 text
                        Expect.stringContains text "| 2 clients |" "a row"
                        Expect.equal (File.ReadAllLines(file "all.csv").Length) 7 "three windows for each level"
                        Expect.stringContains (File.ReadAllText(file "all.svg")) "answers a second" "the chart"
                        Expect.isGreaterThan worker.Pictures.Length 10 "pictures that the worker had"
                    finally
                        folder.Delete true
                }

            testCaseTask "what can't be measured is one line that says what to do"
            <| fun () ->
                task {
                    let empty = Directory.CreateTempSubdirectory "load"
                    let nobody = $"dan://127.0.0.1:{Nodes.freePort ()}"

                    try
                        for code, words, arguments in
                            [
                                1, "Is a worker running there?", [ "--target"; nobody ]
                                1, "Is the web node running?", [ "--target"; nobody.Replace("dan", "http") ]
                                1, "holds no .jpg", [ "--target"; nobody; "--images"; empty.FullName ]
                                2, "--target is http://HOST:PORT", [ "--target"; "ftp://localhost" ]
                                2,
                                "whole numbers from 1 to 10000, not '0'",
                                [ "--target"; nobody; "--concurrency"; "1,0" ]
                                2, "name one", [ "--target"; nobody; "--concurrency"; "1"; "--rate"; "1" ]
                            ] do
                            let! was, text = run arguments
                            Expect.equal was code text
                            Expect.stringContains text words "what it says"
                            Expect.equal (text.Split('\n').Length) 1 $"one line: {text}"
                    finally
                        empty.Delete true
                }
        ]

let tests =
    testSequenced <| testList "Load" [ LoadFiguresTests.tests; asking; program ]
