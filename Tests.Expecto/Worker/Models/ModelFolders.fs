/// Model folders that the tests make from the shared models: a manifest beside links to the files.
module Tests.Expecto.Worker.ModelFolders

open System
open System.IO
open System.Net.Http
open System.Security.Cryptography
open System.Threading
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto.Worker
open Worker
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

/// A catalog of its own, which goes with the test.
type Catalog() =
    let root = Directory.CreateTempSubdirectory "catalog-"
    member _.Root = root.FullName

    /// The folder of a model, made if it is not there.
    member _.Folder(id: string) = (root.CreateSubdirectory id).FullName

    interface IDisposable with
        member _.Dispose() = root.Delete true

let private entry (role: string) (path: string) =
    let bytes = File.ReadAllBytes path
    let hash = Convert.ToHexStringLower(SHA256.HashData bytes)
    $"""{{ "role": "{role}", "name": "{Path.GetFileName path}", "bytes": {bytes.Length}, "sha256": "{hash}" }}"""

/// Writes a model's folder: links to the files, and a manifest with these further members.
let write (catalog: Catalog) (id: string) (files: (string * string) list) (members: string) =
    let folder = catalog.Folder id

    for _, file in files do
        let link = Path.Combine(folder, nonNull (Path.GetFileName file))

        if not (File.Exists link) then
            File.CreateSymbolicLink(link, file) |> ignore

    let entries =
        files |> List.map (fun (role, file) -> entry role file) |> String.concat ", "

    let rest = if members = "" then "" else ", " + members

    File.WriteAllText(
        Path.Combine(folder, "model.json"),
        $"""{{ "id": "{id}", "title": "{id}", "licence": "as its files", "files": [{entries}]{rest} }}"""
    )

/// The model, or why it can't be loaded.
let load (catalog: Catalog) (id: string) =
    let places = ModelPaths(catalog.Root, [||], true)
    use http = new HttpClient()

    let store =
        ModelStore(places, http, DownloadPolicy.Standard, TimeProvider.System, ConsoleProgress(), NullLogger.Instance)

    match ModelCatalog.Find(id, catalog.Root) with
    | :? Outcome<ModelManifest>.Ok as manifest ->
        match store.GetAsync(manifest.Value, CancellationToken.None).GetAwaiter().GetResult() with
        | :? Outcome<ModelFiles>.Ok as files ->
            match Network.Load(files.Value, NullLogger.Instance) with
            | :? Outcome<Network>.Ok as network -> Ok network.Value
            | :? Outcome<Network>.Failed as failed -> Error failed.Reason
            | other -> failwith $"{other}"
        | :? Outcome<ModelFiles>.Failed as failed -> Error failed.Reason
        | other -> failwith $"{other}"
    | :? Outcome<ModelManifest>.Failed as failed -> Error failed.Reason
    | other -> failwith $"{other}"

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

    match worker.Recognize(ReadOnlySpan picture, options, TimeSpan.Zero) with
    | :? RecognitionResult.Succeeded as found -> found.Recognition
    | other -> failtest $"{other}"

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
