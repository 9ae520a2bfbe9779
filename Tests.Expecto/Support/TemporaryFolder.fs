namespace Tests.Expecto

open System
open System.IO

/// A folder that is deleted with the test.
type TemporaryFolder() =
    let root = Directory.CreateTempSubdirectory "recognition-tests-"
    member _.Path = root.FullName

    /// The path of a file or folder in it.
    member _.Of(name: string) = Path.Combine(root.FullName, name)

    interface IDisposable with
        member _.Dispose() = root.Delete true
