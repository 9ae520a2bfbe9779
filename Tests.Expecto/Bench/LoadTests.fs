/// The load generator: what it counts, what it says of itself, and the program as people call it.
module Tests.Expecto.Bench.LoadTests

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Net.Sockets
open Expecto
open Load
open Load.Options
open Load.Output
open Load.Pictures
open Load.Running
open Load.Targets
open Protocol.Core
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Web

let private seconds (value: float) = TimeSpan.FromSeconds value
let private milliseconds (value: float) = TimeSpan.FromMilliseconds value
let private calm = Cost(0.1, 2, Nullable 1.0, milliseconds 0.1)

/// A window of one second with so many answers, all of one latency.
let private window answers latency cost =
    let latencies = Window.NewHistogram()

    for _ in 1..answers do
        Window.Record(latencies, milliseconds latency)

    Window(seconds 1.0, latencies, Dictionary(), int64 (2 * answers), cost)

let private agree level windows =
    Series.Agree(level, List<Window>(windows: Window list), 3)

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

let private counting =
    testList
        "Counting"
        [
            test "windows agree when rate and median are within 10 % of each other" {
                let near = [ window 100 10.0 calm; window 95 10.5 calm; window 92 9.6 calm ]
                Expect.isTrue (agree clients near) "near"
                Expect.isTrue (agree clients (window 10 1.0 calm :: near)) "only the last three count"
                Expect.isFalse (agree clients near[1..]) "two are too few"
                Expect.isFalse (agree clients (near @ [ window 80 10.0 calm ])) "another rate"
                Expect.isFalse (agree clients (near @ [ window 95 12.0 calm ])) "another latency"
            }

            test "under an open load the answers' share counts, since the requests come by chance" {
                let windows = [ window 100 10.0 calm; window 70 10.0 calm; window 130 10.0 calm ]
                Expect.isFalse (agree clients windows) "closed"
                Expect.isTrue (agree (Level.Rate 100.0) windows) "open"
            }

            test "windows add up" {
                let sum = Window.Sum [| window 30 10.0 calm; window 70 20.0 calm |]
                Expect.equal sum.Answers 100L "answers"
                Expect.floatClose Accuracy.low sum.Rate 50.0 "answers a second"
                Expect.floatClose { Accuracy.low with relative = 1e-2 } (sum.Milliseconds 25.0) 10.0 "p25"
                Expect.floatClose { Accuracy.low with relative = 1e-2 } (sum.Milliseconds 50.0) 20.0 "p50"
            }

            test "it says that it is the bottleneck itself, and only then" {
                let warnings cost isLocal =
                    let level =
                        LevelFigures(
                            clients,
                            [| window 100 10.0 cost; window 100 10.0 cost; window 100 10.0 cost |],
                            3,
                            true
                        )

                    String.concat "\n" (Bottleneck.Warnings(level, isLocal))

                Expect.equal (warnings calm true) "" "calm"
                let greedy = Cost(1.7, 2, Nullable 2.0, milliseconds 0.1)
                Expect.stringContains (warnings greedy false) "itself is the bottleneck" "no cores left for itself"
                let shared = Cost(0.2, 2, Nullable 2.0, milliseconds 0.1)
                Expect.stringContains (warnings shared true) "about 111.1 answers a second" "a tenth of full cores"
                Expect.equal (warnings shared false) "" "a full machine that the target is not on"
                let late = Cost(0.1, 2, Nullable 1.0, milliseconds 4.0)
                Expect.stringContains (warnings late true) "up to 4.0 ms" "half of the latency is its own"
            }

            test "every window is a line of the CSV" {
                let level =
                    LevelFigures(clients, [| window 9 10.0 calm; window 10 10.0 calm |], 1, false)

                let lines =
                    CsvFile.Text([| level |]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)

                Expect.equal lines.Length 3 "a head and two windows"
                Expect.stringStarts lines[1] "4,clients,1,no,1.000,18,9,9.000,10." "the first does not count"
                Expect.stringStarts lines[2] "4,clients,2,yes,1.000,20,10,10.000,10." "the second does"
                let columns (line: string) = line.Split(',').Length
                Expect.equal (columns lines[1]) (columns lines[0]) "columns"
            }
        ]

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

let tests = testSequenced <| testList "Load" [ counting; asking; program ]
