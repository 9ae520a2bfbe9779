/// bench/Compare, in its short form on the real programs.
module Tests.Expecto.Bench.CompareTests

open System
open Expecto
open Tests.Expecto

let tests =
    testSequencedGroup "programs"
    <| testList
        "Compare"
        [
            testTask "the short form runs every experiment on the real programs" {
                use node =
                    Node.Start(
                        "compare",
                        Nodes.program "bench/Compare",
                        [ "all"; "--short" ],
                        [ "MODEL_MIRROR", Repository.modelMirror ]
                    )

                let! code = node.EndedAsync(TimeSpan.FromMinutes 4.0)
                // The figures of so short a run mean nothing: 1 is a missed goal.
                Expect.isLessThanOrEqual code 1 node.Text

                for part in [ "### Goals"; "### Throughput"; "### Latency" ] do
                    Expect.stringContains node.Text part "a section"

                let goals =
                    node.Text.Split '\n'
                    |> Array.filter (fun line -> line.Contains "≥" || line.Contains "≤")

                Expect.equal goals.Length 12 "every goal has a row"
            }
        ]
