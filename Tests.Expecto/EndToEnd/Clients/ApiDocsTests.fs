/// docs/api.md: every command in it, as it stands.
module Tests.Expecto.EndToEnd.ApiDocsTests

open System
open System.IO
open Expecto
open Tests.Expecto

/// The indented lines that hold a call of curl.
let private commands =
    File.ReadAllLines(Path.Combine(Repository.root, "docs", "api.md"))
    |> List.ofArray
    |> List.filter (fun line -> line.StartsWith "    " && line.Contains "curl ")
    |> List.map _.Trim()

/// In a folder of its own with the samples in it, since a command may write a file.
let private run (folder: string) (port: int) (command: string) =
    task {
        let asked =
            command.Replace("localhost:9999", $"127.0.0.1:{port}").Replace("curl ", "curl -sS --fail-with-body ")

        let! node = Programs.bash folder (TimeSpan.FromSeconds 20.0) [] asked
        return node.Text
    }

let private all =
    testTask "every curl line of docs/api.md runs" {
        let folder = Directory.CreateTempSubdirectory("api-docs-").FullName

        try
            File.Copy(Path.Combine(Repository.root, "README.md"), Path.Combine(folder, "README.md"))

            Directory.CreateSymbolicLink(Path.Combine(folder, "samples"), Repository.samples)
            |> ignore

            use! web = Nodes.service [] []
            Expect.isGreaterThanOrEqual commands.Length 10 "there are some"

            for command in commands do
                let! output = run folder web.Port command

                if command.Contains "daisy.png" && not (command.Contains "-o answer.bin") then
                    Expect.stringContains output "daisy" command

            let binary = File.ReadAllBytes(Path.Combine(folder, "answer.bin"))
            let text = Text.Encoding.UTF8.GetString binary
            Expect.stringContains text "\"binary_data_size\":4000" "1000 numbers of four bytes"
            Expect.stringEnds text "daisy" "and the label"
        finally
            Directory.Delete(folder, true)
    }

let tests = testList "ApiDocs" [ all ]
