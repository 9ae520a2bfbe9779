module Tests.Expecto.Worker.ModelStoreTests

open System.IO
open Expecto
open Tests.Expecto.Worker
open Tests.Expecto.Worker.ModelServer
open Tests.Expecto.Worker.StoreUnderTest
open Worker
open Worker.Models

let private places =
    testList
        "places"
        [
            test "a mirror's preferred variant is used in place" {
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

            test "a mirror's other variant is used if it is the only one" {
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

            test "without the file and with downloads disabled, the error names files and folders" {
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

                Expect.equal server.Asked 0 "requests"
            }
        ]

let private catalog =
    testList
        "catalog"
        [
            test "the repository's manifest matches the mirror" {
                match ModelCatalog.Find("squeezenet1_1", ModelCatalog.DefaultDirectory()) with
                | :? Outcome<ModelManifest>.Ok as ok ->
                    Expect.equal (ok.Value.Variants FileRole.Network |> Seq.length) 2 "two variants"
                    Expect.equal ok.Value.Resize.Crop (System.Nullable 224.0) "resize"
                | other -> failtest $"{other}"
            }

            test "an unknown name and a path are refused" {
                for name in [ "nothing"; "../models/squeezenet1_1"; ""; "." ] do
                    match ModelCatalog.Find(name, ModelCatalog.DefaultDirectory()) with
                    | :? Outcome<ModelManifest>.Failed as failed ->
                        Expect.stringContains failed.Reason $"'{name}'" "names it"
                    | other -> failtest $"{other}"
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

                    match ModelCatalog.Find("squeezenet1_1", place.Models) with
                    | :? Outcome<ModelManifest>.Failed as failed -> Expect.stringContains failed.Reason path before
                    | other -> failtest $"{before}: {other}"
            }
        ]

let tests = testList "ModelStore" [ places; catalog ]
