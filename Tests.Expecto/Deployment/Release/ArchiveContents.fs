/// What is in the archives: lists of components, licences, documentation, and no name of the build's folder.
module internal Tests.Expecto.Deployment.ArchiveContents

open System
open System.IO
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

/// Name and version of each component of a list.
let private components (path: string) =
    let list = JsonDocument.Parse(File.ReadAllText path).RootElement

    [
        for one in list.GetProperty("components").EnumerateArray() do
            string (one.GetProperty "name"), string (one.GetProperty "version")
    ]

/// What Paket resolved, as `Name (version)` with the version's last zeros left out.
let private locked =
    let lines = File.ReadAllLines(Path.Combine(Repository.root, "paket.lock"))
    fun (name: string) -> lines |> Array.find (fun line -> line.StartsWith $"    {name} (")

/// The components of a list's component, by name, with their licences as JSON.
let private parts (path: string) (name: string) =
    let list = JsonDocument.Parse(File.ReadAllText path).RootElement

    let whole =
        list.GetProperty("components").EnumerateArray()
        |> Seq.find (fun one -> string (one.GetProperty "name") = name)

    Map
        [
            for part in whole.GetProperty("components").EnumerateArray() do
                string (part.GetProperty "name"), (part.GetProperty "licenses").GetRawText()
        ]

let lists () =
    let list program =
        Path.Combine(Release.folder, $"recognition-{program}-{Release.version}-linux-x64.cdx.json")

    for program in Release.programs do
        let text = File.ReadAllText(list program)
        Expect.equal (CycloneDxSchema.validate text) (true, []) $"{program}: by the schema"

        let packed =
            File.ReadAllText(Path.Combine(Release.unpacked program, "bom.cdx.json"))

        Expect.equal packed text "in the archive and beside it"

    Expect.isFalse
        (fst (CycloneDxSchema.validate """{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}"""))
        "a check"

    let worker = Map(components (list "worker"))
    let web = Map(components (list "web"))
    Expect.isTrue (locked("Microsoft.ML.OnnxRuntime").Contains worker["Microsoft.ML.OnnxRuntime"]) "the version in use"
    Expect.isTrue (locked("FSharp.Core").Contains web["FSharp.Core"]) "the version in use"
    Expect.equal web["Microsoft.NETCore.App.Runtime.linux-x64"] (string Environment.Version) "the newest runtime here"
    Expect.isFalse (web.ContainsKey "Microsoft.ML.OnnxRuntime") "the web node has no network"
    let recognize = components (list "recognize")
    Expect.containsAll recognize (components (list "worker")) "the command line runs the worker's own recognizer"
    Expect.exists recognize (fun (name, _) -> name = "Spectre.Console") "and draws tables, which no worker does"
    Expect.isFalse (worker.ContainsKey "Spectre.Console") "the list is the program's own"
    let native = parts (list "worker") "NetVips.Native.linux-x64"

    for name, licence in [ "vips", "LGPL-3.0-or-later"; "webp", "BSD-3-Clause"; "png", "libpng License" ] do
        Expect.stringContains native[name] licence name

let holds () =
    for program in Release.programs do
        let file (path: string) =
            let whole = Path.Combine(Release.unpacked program, path)
            Expect.isTrue (File.Exists whole) $"{program} has {path}"
            whole

        file "LICENSE" |> ignore

        let runtime =
            file "licences/Microsoft.NETCore.App.Runtime.linux-x64/THIRD-PARTY-NOTICES.TXT"

        Expect.isGreaterThan (FileInfo(runtime).Length) 1000L "with content"

        if program <> "web" then
            Expect.stringContains
                (File.ReadAllText(file "licences/NetVips.Native.linux-x64/THIRD-PARTY-NOTICES.md"))
                "libvips"
                "its libraries"

            file "licences/Microsoft.ML.OnnxRuntime/ThirdPartyNotices.txt" |> ignore
            file "licences/LGPL-3.0.txt" |> ignore

        // The files that the documentation in the archive refers to.
        for page in Directory.GetFiles(Path.Combine(Release.unpacked program, "docs"), "*.md") do
            for found in Regex.Matches(File.ReadAllText page, @"\bdeploy/[\w./@-]*\w") do
                let path = Path.Combine(Release.unpacked program, found.Value)

                if program <> "recognize" then
                    Expect.isTrue
                        (File.Exists path || Directory.Exists path)
                        $"{Path.GetFileName page} of {program}: {found.Value}"

/// The build's folder is another one each time: with its name in a program no two archives would be alike.
let placeless () =
    for program, name in
        [
            "web", "Web.Giraffe.dll"
            "web", "Protocol.Core.dll"
            "worker", "Worker.Cs.dll"
            "worker", "Node.Hosting.dll"
        ] do
        let file = Path.Combine(Release.unpacked program, name)
        let bytes = ReadOnlyMemory(File.ReadAllBytes file)

        for encoding in [ Encoding.UTF8; Encoding.Unicode ] do
            Expect.equal (bytes.Span.IndexOf(ReadOnlySpan(encoding.GetBytes "/source/"))) -1 $"{file} names a folder"
