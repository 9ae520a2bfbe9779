/// The manifests of `models/`.
module Tests.Expecto.Worker.ShippedModelsTests

open System
open System.IO
open System.Net.Http
open System.Threading
open Expecto
open Microsoft.Extensions.Logging.Abstractions
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelFolders
open Worker
open Worker.Models

let tests =
    testList
        "Shipped models"
        [
            test "every manifest is valid" {
                let ids = ModelCatalog.Ids(ModelCatalog.DefaultDirectory())

                for id in [ "squeezenet1_1"; "mobilenetv2"; "googlenet"; "resnet50" ] do
                    Expect.contains ids id "listed"

                    match ModelCatalog.Find(id, ModelCatalog.DefaultDirectory()) with
                    | :? Outcome<ModelManifest>.Ok as found -> Expect.equal found.Value.Id id "its id"
                    | other -> failtest $"{other}"
            }

            test "a manifest at its old place names the new one" {
                use catalog = new Catalog()
                File.WriteAllText(Path.Combine(catalog.Root, "old.json"), "{}")

                match ModelCatalog.Find("old", catalog.Root) with
                | :? Outcome<ModelManifest>.Failed as failed ->
                    Expect.stringContains
                        failed.Reason
                        (Path.Combine(catalog.Root, "old", "model.json"))
                        "the new place"
                | other -> failtest $"{other}"
            }

            test "mobilenetv2: its labels lie in another model's folder of the mirror" {
                use catalog = new Catalog()
                use http = new HttpClient()

                let store =
                    ModelStore(
                        ModelPaths(catalog.Root, List.toArray Pictures.mirrors, true),
                        http,
                        DownloadPolicy.Standard,
                        TimeProvider.System,
                        ConsoleProgress(),
                        NullLogger.Instance
                    )

                match ModelCatalog.Find("mobilenetv2", catalog.Root) with
                | :? Outcome<ModelManifest>.Ok as manifest ->
                    match store.GetAsync(manifest.Value, CancellationToken.None).GetAwaiter().GetResult() with
                    | :? Outcome<ModelFiles>.Ok as files -> Expect.equal files.Value.Labels imagenet.Value "the labels"
                    | other -> failtest $"{other}"
                | other -> failtest $"{other}"
            }
        ]
