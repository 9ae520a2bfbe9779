module Tests.Expecto.Worker.DownloadTests

open System
open System.Collections.Concurrent
open System.IO
open System.Net
open Expecto
open Tests.Expecto.Worker
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

                match get false progress place server.Address with
                | Ok files -> Expect.equal (File.ReadAllBytes files.Network) file "the file"
                | Error reason -> failtest reason

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

                    match name, fetch place server with
                    | "net.onnx.part", Ok files -> Expect.equal (File.ReadAllBytes files.Network) file "the file"
                    | ".lock", Error reason -> Expect.stringContains reason "symbolic link" "says why"
                    | _, result -> failtest $"{result}"

                    Expect.equal (File.ReadAllText victim) "somebody's" "as it was"
                }

            test "a connection that is cut twice: the third attempt gets the file" {
                use place = new Place()
                use server = start [ CutAfter(100_000, file); CutAfter(50_000, file); Whole file ]
                gets place server "the file"
                Expect.equal server.Asked 3 "requests"
            }

            test "a part that a killed process left is not used" {
                use place = new Place()
                place.Put place.Own "net.onnx.part" (Array.create 400_000 1uy)
                use server = start [ Whole file ]
                gets place server "the file"
            }

            test "a server that sends nothing, then the file" {
                use place = new Place()
                use server = start [ Silent; Whole file ]
                gets place server "the file"
            }

            test "a server that answers 503, then the file" {
                use place = new Place()
                use server = start [ Status HttpStatusCode.ServiceUnavailable; Whole file ]
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
            test "404: not tried again" {
                use place = new Place()
                use server = start [ Status HttpStatusCode.NotFound ]
                fails place server [ "404"; string server.Address; "net" ]
                Expect.equal server.Asked 1 "asked once"
            }

            test "an altered file of the same length" {
                use place = new Place()
                use server = start [ Whole(Array.map ((+) 1uy) file) ]
                fails place server [ "net.onnx"; "altered"; hash file ]
                Expect.equal server.Asked 1 "asked once"
            }

            test "a connection that is cut every time" {
                use place = new Place()
                use server = start [ CutAfter(100_000, file) ]
                fails place server [ string server.Address; "of 300000 bytes" ]
                Expect.equal server.Asked 3 "as often as the policy says"
            }

            test "a file that is longer than the manifest says" {
                use place = new Place()
                use server = start [ Whole(Array.append file [| 0uy |]) ]
                fails place server [ "more than 300000 bytes" ]
            }

            test "a file that is shorter than the manifest says" {
                use place = new Place()
                use server = start [ Whole file[..99_999] ]
                fails place server [ "of 300000 bytes" ]
            }

            test "an address where nobody listens" {
                use place = new Place()
                let address = (use server = start [ Whole file ] in server.Address)

                match get false silent place address with
                | Error reason -> Expect.stringContains reason (string address) "the address"
                | Ok _ -> failtest "it should have failed"
            }
        ]

let private together =
    testList
        "several at once"
        [
            test "two stores fetch the file once" {
                use place = new Place()
                use server = start [ Whole file ]

                [|
                    for _ in 1..4 ->
                        System.Threading.Tasks.Task.Run(fun () -> fetch place server |> Result.map _.Network)
                |]
                |> System.Threading.Tasks.Task.WhenAll
                |> _.GetAwaiter().GetResult()
                |> Array.iter (fun path -> Expect.equal path (Ok(Path.Combine(place.Own, "net.onnx"))) "each has it")

                Expect.equal server.Asked 1 "asked for once"
            }
        ]

let tests = testList "Download" [ downloads; failures; together ]
