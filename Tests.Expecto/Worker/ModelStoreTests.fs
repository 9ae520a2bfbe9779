module Tests.Expecto.Worker.ModelStoreTests

open System
open System.Collections.Concurrent
open System.IO
open System.Net
open System.Net.Http
open System.Security.Cryptography
open System.Threading
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelServer
open Worker
open Worker.Models

let private file = Array.init 300_000 (fun i -> byte (i * i / 7))
let private labels = "cat\ndog"B

let private hash (bytes: byte[]) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let private manifest (source: Uri | null) =
    ModelManifest(
        "net",
        "a net",
        "none",
        [|
            ModelFile(FileRole.Network, "preferred.onnx", 10L, hash "0123456789"B)
            ModelFile(FileRole.Network, "net.onnx", int64 file.Length, hash file, source)
            ModelFile(FileRole.Labels, "labels.txt", int64 labels.Length, hash labels)
        |],
        Pictures.squeezenet
    )

/// A catalog's folder and a mirror, which holds the labels and not the network.
type private Place() =
    let root = Directory.CreateTempSubdirectory "store-"
    let folder (name: string) = (root.CreateSubdirectory name).FullName
    do File.WriteAllBytes(Path.Combine(folder "mirror", "labels.txt"), labels)
    member val Models = folder "models"
    member val Mirror = folder "mirror"
    /// Where the store keeps fetched files.
    member place.Own = Path.Combine(place.Models, "net")

    member _.Put (folder: string) (name: string) (bytes: byte[]) =
        Directory.CreateDirectory folder |> ignore
        File.WriteAllBytes(Path.Combine(folder, name), bytes)

    interface IDisposable with
        member _.Dispose() = root.Delete true

let private policy =
    DownloadPolicy(3, TimeSpan.FromMilliseconds 5.0, TimeSpan.FromSeconds 3.0)

let private get offline (progress: IProgress<DownloadProgress>) (place: Place) source =
    use http = new HttpClient()
    let places = StorePlaces(place.Models, [| place.Mirror |], offline)

    let store =
        ModelStore(places, http, policy, TimeProvider.System, progress, NullLogger.Instance)

    match store.GetAsync(manifest source, CancellationToken.None).GetAwaiter().GetResult() with
    | :? Outcome<ModelFiles>.Ok as ok -> Ok ok.Value
    | :? Outcome<ModelFiles>.Failed as failed -> Error failed.Reason
    | other -> failwith $"{other}"

let private silent =
    { new IProgress<DownloadProgress> with
        member _.Report _ = ()
    }

let private fetch place (server: Server) = get false silent place server.Address

let private gets place server name =
    match fetch place server with
    | Ok files ->
        Expect.equal files.Network (Path.Combine(place.Own, "net.onnx")) name
        Expect.equal (File.ReadAllBytes files.Network) file name
        Expect.isFalse (File.Exists(files.Network + ".part")) "nothing half is left"
    | Error reason -> failtest $"{name}: {reason}"

let private fails place server (words: string list) =
    match fetch place server with
    | Ok _ -> failtest "it should have failed"
    | Error reason ->
        for word in words do
            Expect.stringContains reason word "the reason"

        Expect.isFalse (reason.Contains '\n') "one line"
        Expect.isFalse (File.Exists(Path.Combine(place.Own, "net.onnx"))) "nothing is taken for the file"

let private places =
    testList
        "places"
        [
            test "a mirror's preferred variant, where it lies" {
                use place = new Place()
                place.Put (Path.Combine(place.Mirror, "net")) "preferred.onnx" "0123456789"B
                place.Put place.Mirror "net.onnx" file

                match get true silent place null with
                | Ok files ->
                    Expect.equal files.Network (Path.Combine(place.Mirror, "net", "preferred.onnx")) "the network"
                    Expect.equal files.Labels (Path.Combine(place.Mirror, "labels.txt")) "the labels"
                    Expect.isFalse (Directory.Exists place.Own) "nothing is copied"
                | Error reason -> failtest reason
            }

            test "a mirror with the other variant alone" {
                use place = new Place()
                place.Put place.Mirror "net.onnx" file

                Expect.equal
                    (get true silent place null |> Result.map _.Network)
                    (Ok(Path.Combine(place.Mirror, "net.onnx")))
                    "it"
            }

            test "a damaged file is passed over for a good one" {
                use place = new Place()
                place.Put place.Own "net.onnx" file[..1000]
                place.Put place.Mirror "net.onnx" file

                Expect.equal
                    (get true silent place null |> Result.map _.Network)
                    (Ok(Path.Combine(place.Mirror, "net.onnx")))
                    "it"
            }

            test "nowhere, and fetching is off: a line that names files and folders" {
                use place = new Place()
                use server = start [ Whole file ]

                match get true silent place server.Address with
                | Error reason ->
                    for word in
                        [
                            "net.onnx"
                            "preferred.onnx"
                            place.Own
                            place.Mirror
                            "fetching is switched off"
                        ] do
                        Expect.stringContains reason word "the reason"
                | Ok _ -> failtest "it should have failed"

                Expect.isEmpty server.Asked "nothing was asked for"
            }
        ]

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
                Expect.equal server.Asked.Count 1 "asked for once"
            }

            test "cut twice: goes on where it stopped" {
                use place = new Place()
                use server = start [ CutAfter(100_000, file); CutAfter(50_000, file); Whole file ]
                gets place server "the file"
                let asked = List.ofSeq server.Asked
                Expect.equal asked.Head 0L "from the start"
                Expect.equal asked (List.sort asked |> List.distinct) "each from further on"
                Expect.isGreaterThan (List.last asked) 100_000L "not from the start again"
            }

            test "a part left by an earlier process is continued" {
                use place = new Place()
                place.Put place.Own "net.onnx.part" file[..199_999]
                use server = start [ Whole file ]
                gets place server "the file"
                Expect.sequenceEqual server.Asked [ 200_000L ] "the rest alone"
            }

            test "a part of another version is thrown away, and the file fetched anew" {
                use place = new Place()
                place.Put place.Own "net.onnx.part" (Array.create 200_000 1uy)
                use server = start [ Whole file ]
                gets place server "the file"
                Expect.sequenceEqual server.Asked [ 200_000L; 0L ] "the rest, then all"
            }

            test "a server that knows no ranges" {
                use place = new Place()
                use server = start [ CutAfter(100_000, file); NoRanges file ]
                gets place server "the file"
            }

            test "a server that hangs, then answers" {
                use place = new Place()
                use server = start [ Silent; Whole file ]
                gets place server "the file"
            }

            test "one that is busy, then answers" {
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
                Expect.equal server.Asked.Count 2 "fetched each time"
            }
        ]

let private failures =
    testList
        "downloads that fail"
        [
            test "404, at once" {
                use place = new Place()
                use server = start [ Status HttpStatusCode.NotFound ]
                fails place server [ "404"; string server.Address; "net" ]
                Expect.equal server.Asked.Count 1 "asked once"
            }

            test "altered, the same length: refused by name, twice" {
                use place = new Place()
                use server = start [ Whole(Array.map ((+) 1uy) file) ]
                fails place server [ "net.onnx"; "altered"; hash file ]
                Expect.sequenceEqual server.Asked [ 0L; 0L ] "fetched anew once"
                Expect.isFalse (File.Exists(Path.Combine(place.Own, "net.onnx.part"))) "and not kept"
            }

            test "longer than the manifest says" {
                use place = new Place()
                use server = start [ Whole(Array.append file [| 0uy |]) ]
                fails place server [ "more than 300000 bytes" ]
            }

            test "shorter than the manifest says" {
                use place = new Place()
                use server = start [ Whole file[..99_999] ]
                fails place server [ "of 300000 bytes" ]
            }

            test "nobody there" {
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

                Expect.equal server.Asked.Count 1 "asked for once"
            }
        ]

let private catalog =
    testList
        "catalog"
        [
            test "the repository's own manifest names what the mirror holds" {
                match ModelCatalog.Find("squeezenet1_1", ModelCatalog.DefaultDirectory()) with
                | :? Outcome<ModelManifest>.Ok as ok ->
                    Expect.equal (ok.Value.Variants FileRole.Network |> Seq.length) 2 "two variants"
                    Expect.equal ok.Value.Preprocessing.Crop 224 "preprocessing"
                | other -> failtest $"{other}"
            }

            test "a name without a manifest, and one that is a path" {
                for name in [ "nothing"; "../models/squeezenet1_1"; ""; "." ] do
                    match ModelCatalog.Find(name, ModelCatalog.DefaultDirectory()) with
                    | :? Outcome<ModelManifest>.Failed as failed ->
                        Expect.stringContains failed.Reason $"'{name}'" "names it"
                    | other -> failtest $"{other}"
            }

            test "a manifest with a flaw is refused with its path" {
                use place = new Place()

                let good =
                    File.ReadAllText(Path.Combine(ModelCatalog.DefaultDirectory(), "squeezenet1_1.json"))

                let path = Path.Combine(place.Models, "squeezenet1_1.json")

                for before, after in
                    [
                        "\"id\": \"squeezenet1_1\"", "\"id\": \"other\""
                        "\"crop\": 224", "\"crop\": 300"
                        "\"rgb\"", "\"bgr\""
                        "\"network\"", "\"nettwork\""
                        "\"bytes\": 10472,", ""
                        "{", "{{"
                        "squeezenet1_1.onnx", "../x.onnx"
                    ] do
                    let changed = good.Replace(before, after)
                    Expect.notEqual changed good before
                    File.WriteAllText(path, changed)

                    match ModelCatalog.Find("squeezenet1_1", place.Models) with
                    | :? Outcome<ModelManifest>.Failed as failed -> Expect.stringContains failed.Reason path before
                    | other -> failtest $"{before}: {other}"
            }
        ]

let tests = testList "ModelStore" [ places; downloads; failures; together; catalog ]
