/// The load generator's figures: what it counts, and what it says of itself.
module internal Tests.Expecto.Bench.LoadFiguresTests

open System
open System.Collections.Generic
open Expecto
open Load.Options
open Load.Output
open Load.Running

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

let tests =
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
