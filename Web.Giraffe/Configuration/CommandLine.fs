namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Threading.Tasks
open Node.Hosting.Settings

/// The command line of the web node: each setting by its path, with short forms of two.
[<RequireQualifiedAccess>]
module CommandLine =
    let private about =
        """The web node: a page and an API that classify pictures on worker nodes.

  dotnet run -c Release --project Web.Giraffe -- [--port PORT] [--worker HOST:PORT]... [--OPTION=VALUE]...

Other users of the machine can read a command line: set secrets in the environment (Admin__Token), or use files."""

    let private names (setting: Setting) =
        match setting.Path with
        | "Http:Port" -> [| "--port"; "-p"; "--Http:Port" |]
        | "Workers" -> [| "--worker"; "--Workers" |]
        | path -> [| $"--{path}" |]

    /// Calls `run` with the given settings, by path. Returns the exit code: 2 for an invalid command line.
    let invoke (arguments: string[]) (run: IReadOnlyDictionary<string, string | null> -> int) : int =
        let line = NodeCommandLine(about, NodeSettings.all, names)
        line.InvokeAsync(arguments, Func<_, _>(run >> Task.FromResult)).GetAwaiter().GetResult()
