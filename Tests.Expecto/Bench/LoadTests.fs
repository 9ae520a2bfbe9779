/// bench/Load as users run it, against workers and web nodes that behave as a test needs it.
module Tests.Expecto.Bench.LoadTests

open System
open System.Globalization
open System.IO
open System.Net
open Expecto
open Protocol.Core
open Tests.Expecto
open Tests.Expecto.Web

let private milliseconds (value: float) = TimeSpan.FromMilliseconds value
let private labels = [| { Label = "otter"; Probability = 0.9 } |]

let private addressOf (worker: TestWorker) =
    $"dan://127.0.0.1:{worker.Address.Port}"

/// Runs the program; returns its exit code and everything that it prints.
let private run (arguments: string list) =
    task {
        use node = Node.Start("load", Nodes.program "bench/Load", arguments, [])
        let! code = node.EndedAsync(TimeSpan.FromSeconds 60.0)
        return code, node.Text
    }

/// One window of the CSV file.
type private Window =
    {
        Due: int64
        Answers: int64
        Median: float
        Errors: string
    }

/// Measures with three windows of 0.6 s; returns the windows of all levels.
let private measure (arguments: string list) =
    task {
        let folder = Directory.CreateTempSubdirectory "load"

        try
            let csv = Path.Combine(folder.FullName, "all.csv")

            let! code, text =
                run ([ "--window=0.6"; "--warm-up=0.1"; "--max-windows=3"; "--csv"; csv ] @ arguments)

            let number (text: string) =
                Double.Parse(text, CultureInfo.InvariantCulture)

            let lines = File.ReadAllLines csv
            let columns = lines[0].Split ','
            let column name = Array.IndexOf(columns, name)

            let windows =
                [
                    for line in lines[1..] do
                        let cells = line.Split ','
                        Expect.equal cells.Length columns.Length line

                        {
                            Due = int64 cells[column "due"]
                            Answers = int64 cells[column "answers"]
                            Median = number cells[column "p50"]
                            Errors = cells[column "errors"].Trim '"'
                        }
                ]

            return code, text, windows
        finally
            folder.Delete true
    }

let private loads =
    testList
        "Loads"
        [
            testTask "a closed load has as many requests under way as clients, by either exchange" {
                for exchange in [ "extended"; "plain" ] do
                    use worker = new TestWorker(Predicts(labels, milliseconds 20.0))

                    let! code, text, windows =
                        measure [ "--target"; addressOf worker; "--concurrency=4"; "--exchange"; exchange ]

                    Expect.equal code 0 text
                    Expect.equal windows.Length 3 text

                    for window in windows do
                        Expect.equal window.Errors "0" $"{exchange}: errors"
                        Expect.isGreaterThan window.Answers 4L $"{exchange}: answers"
                        Expect.isLessThan window.Answers 150L $"{exchange}: no more than 4 every 20 ms"
                        Expect.isGreaterThanOrEqual window.Median 19.0 $"{exchange}: latency"
            }

            testTask "an open load measures latency from when a request was due" {
                use worker = new TestWorker(Predicts(labels, milliseconds 200.0))

                // 90 fall due in a window; 8 may be out, and each takes 200 ms: most can't be sent.
                let! _, text, windows =
                    measure [ "--target"; addressOf worker; "--rate=150"; "--max-outstanding=8" ]

                let last = List.last windows
                Expect.stringContains last.Errors "not sent: 8 unanswered" text
                Expect.isGreaterThan last.Due (2L * last.Answers) "every request that is due counts"
            }
        ]

let private program =
    testList
        "Program"
        [
            testTask "a run prints a table and writes a chart" {
                use worker = new TestWorker(Predicts(labels, milliseconds 2.0))
                let folder = Directory.CreateTempSubdirectory "load"

                try
                    let chart = Path.Combine(folder.FullName, "all.svg")

                    let! code, text, windows =
                        measure
                            [
                                "--target"
                                addressOf worker
                                "--concurrency=1,2"
                                "--markdown"
                                "--svg"
                                chart
                            ]

                    Expect.equal code 0 text
                    Expect.stringContains text "| 2 clients |" "a row"
                    Expect.equal windows.Length 6 "three windows for each level"
                    Expect.stringContains (File.ReadAllText chart) "answers a second" "the chart"
                finally
                    folder.Delete true
            }

            testTask "a target without an answer is one line that names the error and the remedy" {
                use dies = new TestWorker(DiesBefore 2)
                use silent = new TestWorker(Silent)
                use web = new HttpListener()
                let port = Nodes.freePort ()
                web.Prefixes.Add $"http://127.0.0.1:{port}/"
                web.Start()

                let refusing =
                    task {
                        let! context = web.GetContextAsync()
                        Expect.equal (string context.Request.Url) $"http://127.0.0.1:{port}/api/classify" "route"
                        context.Response.StatusCode <- 503
                        context.Response.Close()
                    }

                let nobody = $"dan://127.0.0.1:{Nodes.freePort ()}"

                for words, arguments in
                    [
                        "result/closed", [ addressOf dies ]
                        "timed out", [ addressOf silent; "--timeout=0.2" ]
                        "503 service unavailable", [ $"http://127.0.0.1:{port}" ]
                        "Is a worker running there?", [ nobody ]
                        "Is the web node running?", [ nobody.Replace("dan", "http") ]
                    ] do
                    let! code, text = run ("--target" :: arguments)
                    Expect.equal code 1 text
                    Expect.stringContains text words "the line"
                    Expect.equal (text.Split('\n').Length) 1 $"one line: {text}"

                do! refusing
            }

            testTask "wrong options are one line that says what to do" {
                let empty = Directory.CreateTempSubdirectory "load"
                let nobody = $"dan://127.0.0.1:{Nodes.freePort ()}"

                try
                    for code, words, arguments in
                        [
                            1, "holds no .jpg", [ "--target"; nobody; "--images"; empty.FullName ]
                            2, "--target is http://HOST:PORT", [ "--target"; "ftp://localhost" ]
                            2, "whole numbers from 1 to 10000, not '0'", [ "--target"; nobody; "--concurrency"; "1,0" ]
                            2, "use one of them", [ "--target"; nobody; "--concurrency"; "1"; "--rate"; "1" ]
                        ] do
                        let! was, text = run arguments
                        Expect.equal was code text
                        Expect.stringContains text words "the line"
                        Expect.equal (text.Split('\n').Length) 1 $"one line: {text}"
                finally
                    empty.Delete true
            }
        ]

let tests = testSequencedGroup "programs" <| testList "Load" [ loads; program ]
