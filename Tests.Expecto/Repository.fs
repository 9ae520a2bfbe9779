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
