/// Clients that people generate from the API's document, and the package Recognition.Client, against the running service.
/// The packages come from the machine's registries into caches outside the tree.
module Tests.Expecto.EndToEnd.ClientsTests

open System
open System.IO
open System.Security.Cryptography
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private source name =
    Path.Combine(Repository.root, "Tests.Expecto", "EndToEnd", "Clients", name)

let internal daisy = Repository.sample "daisy"

/// Runs a command in a folder; it must succeed. Returns its output without its errors, and both.
let internal shell (folder: string) (minutes: float) (command: string) =
    task {
        let! node = Programs.bash folder (TimeSpan.FromMinutes minutes) [] command
        let errors = Collections.Generic.HashSet node.Errors
        return node.Lines |> Array.filter (errors.Contains >> not), node.Text
    }

/// A case with a service of one worker; `run` gets its port.
let internal withService name (run: int -> Task) =
    testCaseTask name (fun () ->
        task {
            use! web = Nodes.service [] []
            do! run web.Port
        })

/// The generators and the linter, installed once for each list of versions.
let private npm () =
    task {
        let list = File.ReadAllBytes(Path.Combine(source "TypeScript", "package.json"))
        let version = Convert.ToHexStringLower(SHA256.HashData list).Substring(0, 12)

        let cache =
            match Environment.GetEnvironmentVariable "XDG_CACHE_HOME" with
            | null
            | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".cache")
            | path -> path

        let folder = Path.Combine(cache, "recognition-clients", version)

        if not (File.Exists(Path.Combine(folder, "installed"))) then
            Directory.CreateDirectory folder |> ignore
            File.WriteAllBytes(Path.Combine(folder, "package.json"), list)

            let! _ =
                shell folder 5.0 "npm install --no-audit --no-fund --no-package-lock && touch installed"

            ()

        return Path.Combine(folder, "node_modules")
    }

/// A folder with these files, the document, and the installed packages.
let private workspace (kind: string) (port: int) =
    task {
        let folder = Programs.folder "clients"

        for file in Directory.GetFiles(source kind) do
            File.Copy(file, Path.Combine(folder, string (Path.GetFileName file)))

        let! _ =
            shell folder 1.0 $"curl -sS --fail http://localhost:{port}/openapi/v1.json -o v1.json"

        return folder
    }

let private typeScript =
    withService "Redocly's linter finds nothing; clients by openapi-typescript and hey-api compile and run" (fun port ->
        task {
            let! folder = workspace "TypeScript" port
            let! packages = npm ()

            Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), packages)
            |> ignore

            let! lint, all =
                shell folder 2.0 "npx --no-install redocly lint v1.json --format=json"

            let text = String.Join('\n', lint)

            let totals =
                JsonDocument.Parse(text.Substring(text.IndexOf '{')).RootElement.GetProperty("totals")

            Expect.equal (totals.GetProperty("errors").GetInt32()) 0 all
            Expect.equal (totals.GetProperty("warnings").GetInt32()) 0 all

            let! _ =
                shell
                    folder
                    3.0
                    "npx --no-install openapi-typescript v1.json -o generated/schema.ts && npx --no-install openapi-ts && npx --no-install tsc -p ."

            let! output, _ = shell folder 1.0 $"node out/call.js http://localhost:{port} {daisy}"
            Expect.equal output [| "openapi-typescript daisy 3"; "hey-api daisy 3" |] "both"
            Directory.Delete(folder, true)
        })

let private dotnet =
    withService "clients by NSwag and Kiota compile and run" (fun port ->
        task {
            let! folder = workspace "Net" port

            let! _ =
                shell
                    folder
                    4.0
                    "dotnet nswag openapi2csclient /input:v1.json /output:NSwag.cs /namespace:Recognition.NSwag /classname:RecognitionClient /jsonLibrary:SystemTextJson /generateOptionalParameters:true && dotnet kiota generate -l csharp -d v1.json -o Kiota -n Recognition.Kiota -c ApiClient && dotnet build -c Release -v q --nologo -o built Clients.csproj"

            let! output, _ =
                shell folder 1.0 $"dotnet built/Clients.dll http://localhost:{port}/ {daisy}"

            Expect.equal output [| "nswag daisy 3"; "kiota daisy 3" |] "both"
            Directory.Delete(folder, true)
        })

let private package =
    testTask "Recognition.Client packs, with its dependency, its documentation and its README" {
        let folder = Programs.folder "package"

        let! _ =
            shell Repository.root 4.0 $"dotnet pack -c Release --nologo -v q Recognition.Client -o {folder}"

        use archive =
            Compression.ZipFile.OpenRead(Path.Combine(folder, "Recognition.Client.1.0.0.nupkg"))

        let names = archive.Entries |> Seq.map _.FullName |> Set.ofSeq

        for name in
            [
                "lib/net10.0/Recognition.Client.dll"
                "lib/net10.0/Recognition.Client.xml"
                "README.md"
            ] do
            Expect.isTrue (names.Contains name) $"{name} among {names}"

        let entry = Unchecked.nonNull (archive.GetEntry "Recognition.Client.nuspec")
        use reader = new StreamReader(entry.Open())
        Expect.stringContains (reader.ReadToEnd()) "Polly.Core" "what it needs"
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Clients" [ typeScript; dotnet; package ]
