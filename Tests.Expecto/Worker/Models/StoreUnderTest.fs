/// A store with folders of its own, for a model of one small file.
module Tests.Expecto.Worker.StoreUnderTest

open System
open System.IO
open System.Net.Http
open System.Security.Cryptography
open System.Threading
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto
open Tests.Expecto.Worker.ModelServer
open Worker.Models

let file = Array.init 300_000 (fun i -> byte (i * i / 7))
let labels = "cat\ndog"B

let hash (bytes: byte[]) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let manifest (source: Uri | null) =
    ModelManifest(
        "net",
        "a net",
        "none",
        [|
            ModelFile(FileRole.Network, "preferred.onnx", 10L, hash "0123456789"B)
            ModelFile(FileRole.Network, "net.onnx", int64 file.Length, hash file, source)
            ModelFile(FileRole.Labels, "labels.txt", int64 labels.Length, hash labels)
        |]
    )

/// A catalog's folder and a mirror, which holds the labels and not the network.
type Place() =
    let root = new TemporaryFolder()

    let folder name =
        Directory.CreateDirectory(root.Of name).FullName

    do File.WriteAllBytes(Path.Combine(folder "mirror", "labels.txt"), labels)
    member val Models = folder "models"
    member val Mirror = folder "mirror"
    /// Where the store keeps fetched files.
    member place.Own = Path.Combine(place.Models, "net")

    member _.Put (folder: string) (name: string) (bytes: byte[]) =
        Directory.CreateDirectory folder |> ignore
        File.WriteAllBytes(Path.Combine(folder, name), bytes)

    interface IDisposable with
        member _.Dispose() = (root :> IDisposable).Dispose()

let policy =
    DownloadPolicy(3, TimeSpan.FromMilliseconds 5.0, TimeSpan.FromSeconds 6.0)

let get offline (progress: IProgress<DownloadProgress>) (place: Place) source =
    use http = new HttpClient()
    let places = ModelPaths(place.Models, [| place.Mirror |], offline)

    let store =
        ModelStore(places, http, policy, TimeProvider.System, progress, NullLogger.Instance)

    store.GetAsync(manifest source, CancellationToken.None).GetAwaiter().GetResult()

let silent =
    { new IProgress<DownloadProgress> with
        member _.Report _ = ()
    }

let fetch place (server: Server) = get false silent place server.Address

let gets place server name =
    let files = fetch place server |> Outcomes.value
    Expect.equal files.Network (Path.Combine(place.Own, "net.onnx")) name
    Expect.equal (File.ReadAllBytes files.Network) file name
    Expect.isFalse (File.Exists(files.Network + ".part")) "nothing half is left"

let fails place server (words: string list) =
    let reason = fetch place server |> Outcomes.reason

    for word in words do
        Expect.stringContains reason word "the reason"

    Expect.isFalse (reason.Contains '\n') "one line"
    Expect.isFalse (File.Exists(Path.Combine(place.Own, "net.onnx"))) "nothing is taken for the file"
