/// A catalog that changes while workers serve from it.
namespace Tests.Expecto.EndToEnd

open System
open System.IO
open System.Text.Json.Nodes
open Tests.Expecto

[<RequireQualifiedAccess>]
module Manifest =

    /// A member as text.
    let text (name: string) (node: JsonNode | null) =
        let node = Unchecked.nonNull node
        string node[name]

/// A folder of its own, with whatever models a test puts there.
type ChangingCatalog() =
    let root = Directory.CreateTempSubdirectory("models-").FullName

    let mirror file =
        Directory.EnumerateFiles(Repository.modelMirror, file, SearchOption.AllDirectories)
        |> Seq.head

    member _.Root = root

    /// Puts a model there as `id`, made from the shipped manifest of `source` by `change`: the manifest last, in one
    /// step.
    member _.Put(id: string, source: string, change: JsonObject -> unit) =
        let folder = Directory.CreateDirectory(Path.Combine(root, id)).FullName

        let text =
            File.ReadAllText(Path.Combine(Repository.root, "models", source, "model.json"))

        let manifest = Unchecked.nonNull(JsonNode.Parse text).AsObject()
        manifest["id"] <- JsonNode.op_Implicit id

        // The mirror has one network and the labels.
        let files = Unchecked.nonNull(manifest["files"]).AsArray()

        for file in List.ofSeq files do
            let name = Manifest.text "name" file

            if
                Directory.EnumerateFiles(Repository.modelMirror, name, SearchOption.AllDirectories)
                |> Seq.isEmpty
            then
                files.Remove file |> ignore
            else
                File.Copy(mirror name, Path.Combine(folder, name), true)

        change manifest
        let temporary = Path.Combine(root, ".next")
        File.WriteAllText(temporary, manifest.ToJsonString())
        File.Move(temporary, Path.Combine(folder, "model.json"), true)

    member _.Remove(id: string) =
        Directory.Delete(Path.Combine(root, id), true)

    interface IDisposable with
        member _.Dispose() = Directory.Delete(root, true)
