/// The comparison: what it makes of figures, and its short form on the real programs. The long form:
/// `dotnet run -c Release --project bench/Compare -- all`.
module Tests.Expecto.Bench.CompareTests

open System
open System.IO
open Expecto
open Bench.Output
open Tests.Expecto
open Tests.Expecto.EndToEnd

let private goals =
    testList
        "Goals"
        [
            test "a goal is the median of its rounds against its limit" {
                let goal = Goal.Of("ratio", [| 0.9; 1.2; 0.96 |], 0.95, true)
                Expect.equal goal.Measured 0.96 "the median"
                Expect.isTrue goal.IsMet "at least"
                Expect.sequenceEqual goal.Cells [ "ratio"; "≥ 0.95"; "0.96"; "0.90 … 1.20"; "met" ] "its row"
                let time = Goal.Of("time", [| 1.0; 2.0 |], 1.4, false, "ms")
                Expect.equal time.Measured 1.5 "between the two in the middle"
                Expect.isFalse time.IsMet "at most"
                Expect.equal time.Cells[4] "**missed**" "a miss is to be seen"
            }

            test "the page's part is replaced, and nothing else" {
                let first = Bench.Page.With("# Page\n\nText.\n", "compare", "one")

                Expect.equal
                    first
                    "# Page\n\nText.\n\n<!-- compare:begin -->\n\none\n\n<!-- compare:end -->\n"
                    "at the end"

                Expect.equal
                    (Bench.Page.With(first + "\nMore.\n", "compare", "two"))
                    (first.Replace("one", "two") + "\nMore.\n")
                    "in its place"
            }
        ]

let private brief =
    testCaseTask "the short form runs every experiment on the real programs, and writes its page and its charts"
    <| fun () ->
        task {
            let folder = Directory.CreateTempSubdirectory "compare"

            try
                let file name = Path.Combine(folder.FullName, name)
                File.WriteAllText(file "page.md", "# Page\n")

                use node =
                    Node.Start(
                        "compare",
                        Nodes.program "bench/Compare",
                        [ "all"; "--short"; "--markdown"; file "page.md" ],
                        [ "MODEL_MIRROR", Repository.modelMirror ]
                    )

                let! code = node.Ended(TimeSpan.FromMinutes 4.0)
                // The figures of so short a run mean nothing: 1 is a missed goal.
                Expect.isLessThanOrEqual code 1 node.Text
                Expect.isTrue (File.Exists(file "overload.svg")) node.Text
                Expect.isTrue (File.Exists(file "throughput.svg")) "the other chart"
                let page = File.ReadAllText(file "page.md")

                for part in [ "### Goals"; "### Throughput"; "### Latency"; "### Load beyond"; "### Cores" ] do
                    Expect.stringContains page part "a section"

                let rows =
                    page.Split '\n'
                    |> Array.filter (fun line -> line.Contains "≥" || line.Contains "≤")

                Expect.equal rows.Length 14 "every goal of the issue that goes from end to end"
            finally
                folder.Delete true
        }

let tests = testSequenced <| testList "Compare" [ goals; brief ]
