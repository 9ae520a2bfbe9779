/// bench/Micro: every benchmark runs.
module Tests.Expecto.Bench.MicroTests

open System
open System.IO
open Expecto
open Tests.Expecto

/// The program's exit code, its output, and the names of the benchmarks that have a time in its report.
let private run (arguments: string list) =
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

            let! code = node.EndedAsync(TimeSpan.FromMinutes 2.0)

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

let tests =
    testSequenced
    <| testList
        "Micro"
        [
            testTask "every benchmark runs" {
                let! code, text, names = run []
                Expect.equal code 0 text

                for name in
                    [
                        "ChecksumSum"
                        "ChecksumCrc32C"
                        "Base64ToPicture"
                        "EncodePlain"
                        "EncodeExtended"
                        "ReadExtended"
                        "Preprocess"
                        "Infer"
                        "Top"
                        "Hedge"
                    ] do
                    Expect.contains names name $"{names}"
            }

            testTask "a filter that matches no benchmark is an error" {
                let! code, text, _ = run [ "--filter"; "*Nothing*" ]
                Expect.equal code 1 text
                Expect.stringContains text "no benchmark matches '*Nothing*'" "why"
            }
        ]
