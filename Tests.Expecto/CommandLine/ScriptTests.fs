/// `./recognize`, which builds what it starts.
module Tests.Expecto.CommandLine.ScriptTests

open System.IO
open Expecto
open Tests.Expecto

let private script = Path.Combine(Repository.root, "recognize")

let private once =
    testCaseTask "builds at most once, says so on the error stream, and resolves paths in the user's folder"
    <| fun () ->
        task {
            let folder = Path.Combine(Repository.root, "samples")

            let call () =
                Recognize.start script folder [ "daisy.png"; "--top"; "1" ] [] [||]

            let! first = call ()
            let! second = call ()

            for said in [ first; second ] do
                Expect.equal said.Code 0 said.Err
                let names = said.Rows |> Array.map (fun row -> row[0], row[2])
                Expect.equal names [| "daisy.png", "daisy" |] "the path as given, and nothing but the answer"

            Expect.equal second.Err "" "it is built"
        }

let private again =
    testCaseTask "builds again where a source is newer"
    <| fun () ->
        task {
            let! _ = Recognize.start script Repository.root [ "--version" ] [] [||]
            let source = Path.Combine(Repository.root, "Recognize.Cs", "Program.cs")
            File.SetLastWriteTimeUtc(source, System.DateTime.UtcNow)
            let! said = Recognize.start script Repository.root [ "--version" ] [] [||]
            Expect.equal said.Code 0 said.Err
            Expect.stringStarts said.Err "Building" "said on the error stream"
            Expect.equal said.Lines.Length 1 said.Out
        }

let tests = testSequencedGroup "programs" <| testList "Script" [ once; again ]
