/// Where the tests find what lies beside them in the tree.
module Tests.Expecto.Repository

open System
open System.IO

/// The folder that holds paket.dependencies, upwards from the tests' own.
let root =
    let rec search (folder: DirectoryInfo | null) =
        match folder with
        | null -> failwith "The tests run inside the repository: no folder above them holds paket.dependencies."
        | folder when File.Exists(Path.Combine(folder.FullName, "paket.dependencies")) -> folder.FullName
        | folder -> search folder.Parent

    search (DirectoryInfo AppContext.BaseDirectory)

/// Where the model's files lie on this machine: `MODEL_MIRROR`, or the folder beside the repository.
let modelMirror =
    match Environment.GetEnvironmentVariable "MODEL_MIRROR" with
    | null
    | "" -> Path.GetFullPath(Path.Combine(root, "..", "shared", "models"))
    | mirror -> mirror

/// The photographs with reference answers, beside the repository.
let photographs = Path.GetFullPath(Path.Combine(root, "..", "shared", "images"))

let photograph name =
    File.ReadAllBytes(Path.Combine(photographs, name))

/// What tests leave for people to look at; outside git.
let artifacts name =
    let folder = Path.Combine(root, "artifacts", name)
    Directory.CreateDirectory folder |> ignore
    folder
