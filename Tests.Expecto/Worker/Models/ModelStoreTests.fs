module Tests.Expecto.Worker.ModelStoreTests

open System.IO
open Expecto
open Tests.Expecto.Worker.ModelServer
open Tests.Expecto.Worker.StoreUnderTest
open Tests.Expecto.Worker.ModelFolders
open Worker.Models

let private places =
    testList
        "places"
        [
            test "a mirror's preferred variant is used in place" {
                use place = new Place()
                place.Put (Path.Combine(place.Mirror, "net")) "preferred.onnx" "0123456789"B
                place.Put place.Mirror "net.onnx" file

                let files = get true silent place null |> Outcomes.value
                Expect.equal files.Network (Path.Combine(place.Mirror, "net", "preferred.onnx")) "the network"
                Expect.equal files.Labels (Path.Combine(place.Mirror, "labels.txt")) "the labels"
                Expect.isFalse (Directory.Exists place.Own) "nothing is copied"
            }

            test "a mirror's other variant is used if it is the only one" {
                use place = new Place()
                place.Put place.Mirror "net.onnx" file
                let files = get true silent place null |> Outcomes.value
                Expect.equal files.Network (Path.Combine(place.Mirror, "net.onnx")) "it"
            }

            test "a damaged file is passed over for a good one" {
                use place = new Place()
                place.Put place.Own "net.onnx" file[..1000]
                place.Put place.Mirror "net.onnx" file
                let files = get true silent place null |> Outcomes.value
                Expect.equal files.Network (Path.Combine(place.Mirror, "net.onnx")) "it"
            }

            test "without the file and with downloads disabled, the error names files and folders" {
                use place = new Place()
                use server = start [ Whole file ]

                let reason = get true silent place server.Address |> Outcomes.reason

                for word in
                    [
                        "net.onnx"
                        "preferred.onnx"
                        place.Own
                        place.Mirror
                        "fetching is switched off"
                    ] do
                    Expect.stringContains reason word "the reason"

                Expect.equal server.Asked 0 "requests"
            }
        ]

let private find id =
    ModelCatalog.Find(id, ModelCatalog.DefaultDirectory())

let private catalog =
    testList
        "catalog"
        [
            test "the repository's manifest matches the mirror" {
                let manifest = find "squeezenet1_1" |> Outcomes.value
                Expect.equal (manifest.Variants FileRole.Network |> Seq.length) 2 "two variants"
                Expect.equal manifest.Resize.Crop (System.Nullable 224.0) "resize"
            }

            test "every manifest is valid" {
                let ids = ModelCatalog.Ids(ModelCatalog.DefaultDirectory())

                for id in [ "squeezenet1_1"; "mobilenetv2"; "googlenet"; "resnet50" ] do
                    Expect.contains ids id "listed"
                    Expect.equal (find id |> Outcomes.value).Id id "its id"
            }

            test "mobilenetv2: its labels lie in another model's folder of the mirror" {
                use catalog = new Catalog()
                let found = find "mobilenetv2" |> Outcomes.value |> files catalog Pictures.mirrors
                Expect.equal (found |> Result.map _.Labels) (Ok imagenet.Value) "the labels"
            }

            test "a manifest at its old place names the new one" {
                use catalog = new Catalog()
                File.WriteAllText(Path.Combine(catalog.Root, "old.json"), "{}")
                let reason = ModelCatalog.Find("old", catalog.Root) |> Outcomes.reason
                Expect.stringContains reason (Path.Combine(catalog.Root, "old", "model.json")) "the new place"
            }

            test "an unknown name and a path are refused" {
                for name in [ "nothing"; "../models/squeezenet1_1"; ""; "." ] do
                    Expect.stringContains (find name |> Outcomes.reason) $"'{name}'" "names it"
            }

            test "a manifest with a flaw is refused with its path" {
                use place = new Place()

                let good =
                    File.ReadAllText(Path.Combine(ModelCatalog.DefaultDirectory(), "squeezenet1_1", "model.json"))

                let path = Path.Combine(place.Models, "squeezenet1_1", "model.json")
                Directory.CreateDirectory(Path.Combine(place.Models, "squeezenet1_1")) |> ignore

                for before, after in
                    [
                        "\"id\": \"squeezenet1_1\"", "\"id\": \"other\""
                        "\"crop\": 224", "\"crop\": 300"
                        "\"rgb\"", "\"gbr\""
                        "\"network\"", "\"nettwork\""
                        "\"bytes\": 10472,", ""
                        "{", "{{"
                        "squeezenet1_1.onnx", "../x.onnx"
                    ] do
                    let changed = good.Replace(before, after)
                    Expect.notEqual changed good before
                    File.WriteAllText(path, changed)
                    let found = ModelCatalog.Find("squeezenet1_1", place.Models)
                    Expect.stringContains (Outcomes.reason found) path before
            }
        ]

let tests = testList "ModelStore" [ places; catalog ]
