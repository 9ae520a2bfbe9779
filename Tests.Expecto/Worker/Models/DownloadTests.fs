module Tests.Expecto.Worker.DownloadTests

open System
open System.Collections.Concurrent
open System.IO
open System.Net
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker.ModelServer
open Tests.Expecto.Worker.StoreUnderTest
open Worker.Models

let private downloads =
    testList
        "downloads"
        [
            test "a whole file, with its progress" {
                use place = new Place()
                use server = start [ Whole file ]
                let seen = ConcurrentQueue<DownloadProgress>()

                let progress =
                    { new IProgress<DownloadProgress> with
                        member _.Report value = seen.Enqueue value
                    }

                let files = get false progress place server.Address |> Outcomes.value
                Expect.equal (File.ReadAllBytes files.Network) file "the file"
                let received = seen |> Seq.map _.Received |> List.ofSeq
                Expect.equal received (List.sort received) "rising"
                Expect.equal (List.last received) (int64 file.Length) "to the end"
                gets place server "the second time from the folder"
                Expect.equal server.Asked 1 "asked for once"
            }

            for name in [ "net.onnx.part"; ".lock" ] do
                test $"a symbolic link at {name} is not written through" {
                    use place = new Place()
                    use server = start [ Whole file ]
                    let victim = Path.Combine(place.Mirror, "victim")
                    File.WriteAllText(victim, "somebody's")
                    Directory.CreateDirectory place.Own |> ignore

                    File.CreateSymbolicLink(Path.Combine(place.Own, name), victim) |> ignore

                    match name, fetch place server |> Outcomes.result with
                    | "net.onnx.part", Ok files -> Expect.equal (File.ReadAllBytes files.Network) file "the file"
                    | ".lock", Error reason -> Expect.stringContains reason "symbolic link" "says why"
                    | _, result -> failtest $"{result}"

                    Expect.equal (File.ReadAllText victim) "somebody's" "as it was"
                }

            for name, replies in
                [
                    "a connection that is cut twice", [ CutAfter(100_000, file); CutAfter(50_000, file) ]
                    "a server that sends nothing", [ Silent ]
                    "a server that answers 503", [ Status HttpStatusCode.ServiceUnavailable ]
                ] do
                test $"{name}: the next attempt gets the file" {
                    use place = new Place()
                    use server = start (replies @ [ Whole file ])
                    gets place server "the file"
                    Expect.equal server.Asked (replies.Length + 1) "requests"
                }

            test "a part that a killed process left is not used" {
                use place = new Place()
                place.Put place.Own "net.onnx.part" (Array.create 400_000 1uy)
                use server = start [ Whole file ]
                gets place server "the file"
            }

            test "a damaged file in the folder is replaced" {
                use place = new Place()
                place.Put place.Own "net.onnx" file[..1000]
                use server = start [ Whole file ]
                gets place server "truncated"
                place.Put place.Own "net.onnx" (Array.map ((+) 1uy) file)
                gets place server "altered"
                Expect.equal server.Asked 2 "fetched each time"
            }
        ]

let private failures =
    testList
        "downloads that fail"
        [
            for name, reply, requests, words in
                [
                    "404", Status HttpStatusCode.NotFound, 1, [ "404"; "net" ]
                    "an altered file of the same length",
                    Whole(Array.map ((+) 1uy) file),
                    1,
                    [ "net.onnx"; "altered"; hash file ]
                    "a file that is longer than the manifest says",
                    Whole(Array.append file [| 0uy |]),
                    1,
                    [ "more than 300000 bytes" ]
                    "a file that is shorter than the manifest says", Whole file[..99_999], 3, [ "of 300000 bytes" ]
                    "a connection that is cut every time", CutAfter(100_000, file), 3, [ "of 300000 bytes" ]
                ] do
                test name {
                    use place = new Place()
                    use server = start [ reply ]
                    fails place server (string server.Address :: words)
                    Expect.equal server.Asked requests "requests"
                }

            test "an address where nobody listens" {
                use place = new Place()
                let address = (use server = start [ Whole file ] in server.Address)
                let reason = get false silent place address |> Outcomes.reason
                Expect.stringContains reason (string address) "the address"
            }
        ]

let private together =
    test "four stores at once fetch the file once" {
        use place = new Place()
        use server = start [ Whole file ]

        for files in allAtOnce 4 (fun _ -> fetch place server) do
            Expect.equal (Outcomes.value files).Network (Path.Combine(place.Own, "net.onnx")) "each has it"

        Expect.equal server.Asked 1 "asked for once"
    }

let tests = testList "Download" [ downloads; failures; together ]
