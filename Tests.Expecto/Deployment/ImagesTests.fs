/// The Dockerfiles and Compose's file fit the projects and each other. They are not built here.
module Tests.Expecto.Deployment.ImagesTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

let private deploy = Path.Combine(Repository.root, "deploy")

/// The folders that a project is built from, itself included.
let rec private folders (project: string) : string list =
    let text = File.ReadAllText project
    let folder = Path.GetDirectoryName project |> Unchecked.nonNull

    let below (found: Match) =
        Path.GetFullPath(found.Groups[1].Value, folder)

    let projects =
        Regex.Matches(text, "ProjectReference Include=\"([^\"]+)\"")
        |> Seq.map below
        |> List.ofSeq

    let contents =
        Regex.Matches(text, "Content Include=\"(\.\./[^\"*]+)/")
        |> Seq.map below
        |> List.ofSeq

    folder :: contents @ List.collect folders projects

let private images =
    testCase "the Dockerfiles copy everything that the build needs and expose the program's port"
    <| fun () ->
        for name, project, setting in
            [
                "worker", "Worker.Cs/Worker.Cs.csproj", "Worker__Port"
                "web", "Web.Giraffe/Web.Giraffe.fsproj", "Http__Port"
            ] do
            let text = File.ReadAllText(Path.Combine(deploy, "docker", $"{name}.Dockerfile"))

            let copied =
                [
                    for found in Regex.Matches(text, @"^COPY (?!--)(.+) \S+$", RegexOptions.Multiline) do
                        yield! found.Groups[1].Value.Split(' ')
                ]
                |> List.map (fun path -> Path.GetFullPath(path.TrimEnd '/', Repository.root))

            for path in copied do
                Expect.isTrue (File.Exists path || Directory.Exists path) path

            for folder in folders (Path.Combine(Repository.root, project)) do
                Expect.exists copied (fun path -> $"{folder}/".StartsWith $"{path}/") $"{name}: {folder}"

            let value pattern =
                Regex.Match(text, pattern).Groups[1].Value

            Expect.equal (value $@"{setting}=(\d+)") (value @"EXPOSE (\d+)[ \d]* 9090") name

            // Docker reads the health by HTTP on the metrics port, and the image is built for each processor.
            Expect.equal (value @"(?:Metrics__Port|Worker__Metrics)=(\d+)") "9090" "the metrics port"

            Expect.stringContains
                (value @"HEALTHCHECK [^\[]*(\[.*\])")
                "/dev/tcp/127.0.0.1/9090 && printf 'GET /health/ready HTTP/1.1"
                "HTTP"

            for processor, runtime in [ "amd64", "linux-x64"; "arm64", "linux-arm64" ] do
                Expect.stringContains text $"{processor}) rid={runtime}" "of Docker's TARGETARCH"

            for build in [ "-p:Version=$VERSION"; "-p:SourceRevisionId=$COMMIT" ] do
                Expect.stringContains text build "its version"

            Expect.isTrue (Regex.IsMatch(text, @"^USER \d+:\d+$", RegexOptions.Multiline)) "not root"

let private compose =
    testCase "Compose's services have a Dockerfile, a read-only root and the worker names that the web node uses"
    <| fun () ->
        let file =
            List.exactlyOne (Yaml.documents (Path.Combine(deploy, "docker", "compose.yaml")))

        let services = Yaml.pairs [ "services" ] file |> List.map fst
        let text = File.ReadAllText(Path.Combine(deploy, "docker", "compose.yaml"))
        let asked = Yaml.text [ "services"; "web"; "environment"; "Workers" ] file

        for worker in asked.Split ',' do
            Expect.contains services (worker.Split(':').[0]) "a service"
            Expect.stringEnds worker ":8888" "the image's port"

        for found in Regex.Matches(text, "dockerfile: (\\S+)") do
            Expect.isTrue (File.Exists(Path.Combine(Repository.root, found.Groups[1].Value))) found.Value

        Expect.equal (Yaml.text [ "x-node"; "read_only" ] file) "true" "read-only"

let tests = testList "Images" [ images; compose ]
