/// `./recognize`, which builds what it starts.
module Tests.Expecto.CommandLine.ScriptTests

open System.IO
open Expecto
open Tests.Expecto

let private script = Path.Combine(Repository.root, "recognize")

let private once =
    testTask "builds at most once, says so on the error stream, and resolves paths in the user's folder" {
        let folder = Path.Combine(Repository.root, "samples")

        let call () =
            Recognize.start script folder [ "daisy.png"; "--top"; "1" ] [] [||]

        let! first = call ()
        let! second = call ()

        for result in [ first; second ] do
            Expect.equal result.Code 0 result.Err
            let names = result.Rows |> Array.map (fun row -> row[0], row[2])
            Expect.equal names [| "daisy.png", "daisy" |] "the path as given, and nothing but the answer"

        Expect.equal second.Err "" "it is built"
    }

let private again =
    testTask "builds again where a source is newer" {
        let! _ = Recognize.start script Repository.root [ "--version" ] [] [||]
        let source = Path.Combine(Repository.root, "Recognize.Cs", "Program.cs")
        File.SetLastWriteTimeUtc(source, System.DateTime.UtcNow)
        let! result = Recognize.start script Repository.root [ "--version" ] [] [||]
        Expect.equal result.Code 0 result.Err
        Expect.stringStarts result.Err "Building" "said on the error stream"
        Expect.equal result.Lines.Length 1 result.Out
    }

let tests = testSequencedGroup "programs" <| testList "Script" [ once; again ]
