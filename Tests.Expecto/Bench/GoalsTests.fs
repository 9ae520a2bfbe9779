/// The short forms of bench/Micro: every goal is measured and judged, every benchmark runs. The long forms:
/// `dotnet run -c Release --project bench/Micro -- goals`, and `-- benchmarks`.
module Tests.Expecto.Bench.GoalsTests

open System
open System.Globalization
open System.IO
open Expecto
open Micro.Goals
open Tests.Expecto
open Tests.Expecto.EndToEnd

/// What one goal was measured at, from its row.
let private measured (rows: string[]) (goal: string) =
    let row =
        rows |> Array.find (fun line -> line.Contains(goal, StringComparison.Ordinal))

    let cells = row.Split '|'
    let figure = cells[3].Trim().Split ' '
    Double.Parse(figure[0], CultureInfo.InvariantCulture)

let private brief =
    testCaseTask "the short form makes every figure, and writes its page"
    <| fun () ->
        task {
            let page = Path.GetTempFileName()

            try
                File.WriteAllText(page, "# Page\n")

                use node =
                    Node.Start(
                        "micro",
                        Nodes.program "bench/Micro",
                        [ "goals"; "--short"; "--markdown"; page ],
                        [ "MODEL_MIRROR", Repository.modelMirror ]
                    )

                let! code = node.Ended(TimeSpan.FromMinutes 2.0)
                // So short a run's times mean nothing: 1 is a missed goal.
                Expect.isLessThanOrEqual code 1 node.Text
                let text = File.ReadAllText page

                for part in
                    [
                        "Goals of single parts"
                        "Bytes"
                        "Preprocessing"
                        "Allocation"
                        "Running the network"
                    ] do
                    Expect.stringContains text $"### {part}" node.Text

                let rows =
                    text.Split '\n'
                    |> Array.filter (fun line -> line.Contains "≥" || line.Contains "≤")

                Expect.equal rows.Length 15 "a row for each goal"

                // What is counted and not timed holds on any machine; so few pictures bear what is made once.
                for kind, most in [ "PNG", 32.0; "JPEG", 100.0 ] do
                    let kilobytes = measured rows $"the request's own bytes, {kind}"
                    Expect.isLessThan kilobytes most $"kilobytes a picture, {kind}"
                    Expect.isGreaterThan kilobytes 0.1 $"kilobytes a picture, {kind}"
            finally
                File.Delete page
        }

let private turns =
    test "by turns: each action as often as fits into its time, in every round" {
        let quick, slow = ref 0, ref 0

        let pace =
            MeasurementPlan(3, TimeSpan.Zero, TimeSpan.FromMilliseconds 20.0, Processes = 1, Pictures = 1)

        let actions =
            [|
                Action(fun () -> quick.Value <- quick.Value + 1)
                Action(fun () ->
                    slow.Value <- slow.Value + 1
                    Threading.Thread.Sleep 30)
            |]

        let rounds = Interleaved.Measure(pace, ReadOnlySpan actions)
        Expect.equal rounds.Length 3 "rounds"
        Expect.isTrue (rounds |> Array.forall (fun round -> round.Length = 2)) "actions"

        Expect.isTrue
            (rounds |> Array.forall (fun round -> round[1] > 0.025 && round[0] < round[1]))
            "seconds of one call"

        Expect.equal slow.Value 5 "one call before, one to see how many fit, and one in every round"
        Expect.isGreaterThan quick.Value 100 "many"
    }

let private pieces =
    test "bytes lie in pieces as a socket's do, and every one is read" {
        let bytes = Array.zeroCreate<byte> 33000
        Random(1).NextBytes bytes
        let sequence = Pieces.Of(ReadOnlyMemory bytes)
        Expect.equal sequence.Length 33000L "length"
        Expect.isFalse sequence.IsSingleSegment "pieces"
        let read = MemoryRead.Of(&sequence)

        for at in [ 0; 63; 16383; 16384; 32767; 32768; 32999 ] do
            let other = Array.copy bytes
            other[at] <- other[at] ^^^ 1uy
            let changed = Pieces.Of(ReadOnlyMemory other)
            Expect.notEqual (MemoryRead.Of(&changed)) read $"byte {at}"
    }

let private benchmarks =
    /// The program's exit code, what it printed, and the names of the benchmarks that have a time in its report.
    let run (arguments: string list) =
        task {
            let folder = Directory.CreateTempSubdirectory "benchmarks"

            try
                use node =
                    Node.Start(
                        "micro",
                        Nodes.program "bench/Micro",
                        [ "benchmarks"; "--short"; "--artifacts"; folder.FullName ] @ arguments,
                        [ "MODEL_MIRROR", Repository.modelMirror ]
                    )

                let! code = node.Ended(TimeSpan.FromMinutes 2.0)

                let rows =
                    [
                        for report in folder.GetFiles("*-report-github.md", SearchOption.AllDirectories) do
                            for line in File.ReadAllLines report.FullName do
                                if line.StartsWith '|' && line.Contains "Benchmarks" then
                                    let cells = line.Split '|'
                                    cells[2].Trim([| ' '; '*' |])
                    ]

                return code, node.Text, List.distinct rows
            finally
                folder.Delete true
        }

    testList
        "Benchmarks"
        [
            testCaseTask "every one runs"
            <| fun () ->
                task {
                    let! code, text, names = run []
                    Expect.equal code 0 text

                    for name in
                        [
                            "MemoryRead"
                            "ChecksumSum"
                            "ChecksumCrc32C"
                            "Base64ToPicture"
                            "EncodePlain"
                            "EncodeExtended"
                            "ReadExtended"
                            "Preprocess"
                            "Run"
                            "Top"
                        ] do
                        Expect.contains names name $"{names}"
                }

            testCaseTask "a filter that fits none is told"
            <| fun () ->
                task {
                    let! code, text, _ = run [ "--filter"; "*Nothing*" ]
                    Expect.equal code 1 text
                    Expect.stringContains text "no benchmark's name fits '*Nothing*'" "why"
                }
        ]

let tests = testSequenced <| testList "Goals" [ turns; pieces; brief; benchmarks ]
