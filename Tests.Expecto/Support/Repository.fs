/// Paths in and beside the repository.
module Tests.Expecto.Repository

open System.IO
open Scenarios.Nodes

/// The folder that holds paket.dependencies, upwards from the tests' own.
let root = Tree.Root

/// The folder of the model's files: `MODEL_MIRROR`, or the folder beside the repository.
let modelMirror = Tree.ModelMirror

/// The pictures that are shipped.
let samples = Path.Combine(root, "samples")

let sample name = Path.Combine(samples, $"{name}.png")

/// The photographs with reference answers, beside the repository.
let photographs = Tree.Photographs

let photograph name =
    File.ReadAllBytes(Path.Combine(photographs, name))

/// Files that tests leave for people to look at; outside git.
let artifacts name =
    let folder = Path.Combine(root, "artifacts", name)
    Directory.CreateDirectory folder |> ignore
    folder
