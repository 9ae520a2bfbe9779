/// Model folders that the tests make from the shared models: a manifest beside links to the files.
module Tests.Expecto.Worker.ModelFolders

open System
open System.IO
open System.Net.Http
open System.Security.Cryptography
open System.Threading
open Expecto
open Google.Protobuf
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto
open Worker.Imaging
open Worker.Inference
open Worker.Models
open Worker.Models.Onnx

/// A file of the shared models.
let shared (path: string) =
    Pictures.mirrors
    |> List.map (fun mirror -> Path.Combine(mirror, path))
    |> List.find File.Exists

let imagenet = lazy shared "squeezenet1_1/imagenet_classes.txt"
let mobilenet = lazy shared "mobilenetv2/mobilenetv2-12-qdq.onnx"

let squeezenet = lazy shared "squeezenet1_1/squeezenet1_1.onnx"

/// The preprocessing of most networks, as members of a manifest.
let torchvision =
    """ "resize": { "size": 256, "crop": 224 }, "normalise": { "preset": "torchvision" } """

/// A catalog of its own, which goes with the test.
type Catalog() =
    let root = new TemporaryFolder()
    member _.Root = root.Path

    /// The folder of a model, made if it is not there.
    member _.Folder(id: string) =
        Directory.CreateDirectory(root.Of id).FullName

    interface IDisposable with
        member _.Dispose() = (root :> IDisposable).Dispose()

/// Puts a link to a file into a folder.
let link (folder: string) (name: string) (file: string) =
    File.CreateSymbolicLink(Path.Combine(folder, name), file) |> ignore

let private entry (role: string) (path: string) =
    let bytes = File.ReadAllBytes path
    let hash = Convert.ToHexStringLower(SHA256.HashData bytes)
    $"""{{ "role": "{role}", "name": "{Path.GetFileName path}", "bytes": {bytes.Length}, "sha256": "{hash}" }}"""

/// Writes a model's folder: links to the files, and a manifest with these further members.
let write (catalog: Catalog) (id: string) (files: (string * string) list) (members: string) =
    let folder = catalog.Folder id

    for _, file in files do
        let name = nonNull (Path.GetFileName file)

        if not (File.Exists(Path.Combine(folder, name))) then
            link folder name file

    let entries =
        files |> List.map (fun (role, file) -> entry role file) |> String.concat ", "

    let rest = if members = "" then "" else ", " + members

    File.WriteAllText(
        Path.Combine(folder, "model.json"),
        $"""{{ "id": "{id}", "title": "{id}", "licence": "as its files", "files": [{entries}]{rest} }}"""
    )

/// The files of a model, from its folder or one of these mirrors.
let files (catalog: Catalog) mirrors (manifest: ModelManifest) =
    use http = new HttpClient()

    let store =
        ModelStore(
            ModelPaths(catalog.Root, List.toArray mirrors, true),
            http,
            DownloadPolicy.Standard,
            TimeProvider.System,
            ConsoleProgress(),
            NullLogger.Instance
        )

    store.GetAsync(manifest, CancellationToken.None).GetAwaiter().GetResult()
    |> Outcomes.result

/// The model, or why it can't be loaded.
let load (catalog: Catalog) (id: string) =
    ModelCatalog.Find(id, catalog.Root)
    |> Outcomes.result
    |> Result.bind (files catalog [])
    |> Result.bind (fun files -> Network.Load(files, NullLogger.Instance) |> Outcomes.result)

/// The model, which must load.
let loaded (catalog: Catalog) (id: string) =
    match load catalog id with
    | Ok network -> network
    | Error reason -> failtest reason

/// Why the model can't be loaded.
let refusal (catalog: Catalog) (id: string) =
    match load catalog id with
    | Error reason -> reason
    | Ok _ -> failtest $"{id} should have been refused"

/// The network of a model folder that is written for it.
let network catalog id files members =
    write catalog id files members
    loaded catalog id

/// What a network says of a picture.
let recognize (network: Network) maps (picture: byte[]) =
    use worker = new InferenceWorker(network, ImagingLimits.Standard)
    let options = RecognizeOptions(network.Labels.Count, maps)

    worker.Recognize(ReadOnlySpan picture, options, TimeSpan.Zero)
    |> Outcomes.recognition

/// The probability of each class, by its index.
let probabilities (network: Network) picture =
    let found = (recognize network false picture).Classes
    found |> Array.sortBy _.Index |> Array.map _.Probability

let photograph name =
    File.ReadAllBytes(Path.Combine(Pictures.images, name))

/// The model of a file, for a test to change and to write.
let graph (path: string) =
    use stream = File.OpenRead path
    ModelProto.Parser.ParseFrom stream

/// A network's file whose metadata has these entries too.
let withMetadata (entries: (string * string) list) =
    let model = graph mobilenet.Value

    for key, value in entries do
        model.MetadataProps.Add(StringStringEntryProto(Key = key, Value = value))

    model.ToByteArray()
