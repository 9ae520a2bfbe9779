namespace Tests.Expecto.Deployment

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Tests.Expecto

/// The archives of this tree, built once for all tests that need them, and unpacked.
[<RequireQualifiedAccess>]
module Release =

    let version = "1.2.3-test"
    let programs = [ "web"; "worker"; "recognize" ]

    /// The folder with the archives, below `artifacts/`.
    let folder =
        Path.Combine(Repository.artifacts "release-test", Guid.NewGuid().ToString "N")

    /// The folder of an unpacked archive.
    let unpacked program =
        Path.Combine(folder, $"recognition-{program}-{version}-linux-x64")

    /// What a program prints, which must succeed.
    let run (path: string) (arguments: string list) environment =
        task {
            use node = Node.Start(path, path, arguments, environment)
            let! code = node.EndedAsync(TimeSpan.FromMinutes 15.0)
            Expect.equal code 0 $"{path}: {node.Text}"
            return node.Text
        }

    /// Builds archives into a folder: all, or those of the named programs.
    let buildInto (target: string) (programs: string list) =
        run (Path.Combine(Repository.root, "release")) ([ version; "--output"; target ] @ programs) []

    let private built =
        lazy
            (task {
                let! _ = buildInto folder []

                let! _ =
                    run "sh" [ "-c"; $"cd '{folder}' && for one in *.tar.gz; do tar -xzf $one; done" ] []
                // About 400 MB, of this run alone.
                AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> Directory.Delete(folder, true))
            })

    /// Builds the archives, the first time.
    let build () : Task = built.Value
