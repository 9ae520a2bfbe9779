/// The documentation names files, projects and options that there are.
module Tests.Expecto.Deployment.CommandLinesTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Tests.Expecto.Deployment.Documentation

let private known =
    test "a command line in the documentation names files, projects and scripts that there are" {
        let all =
            [
                for page in pages do
                    for line in lines page do
                        Path.GetFileName page, line
            ]

        Expect.isGreaterThan all.Length 20 "they are found"

        for page, line in all do
            for found in
                Regex.Matches(
                    line,
                    @"(?<=^|\s|=)(?:\./)?((?:deploy|bench|samples|docs|\.config|\.ci)/[\w./@-]*\w)|(?<=^)\./(\w+)"
                ) do
                let path =
                    if found.Groups[1].Success then
                        found.Groups[1].Value
                    else
                        found.Groups[2].Value

                Expect.isTrue
                    (File.Exists(Path.Combine(Repository.root, path))
                     || Directory.Exists(Path.Combine(Repository.root, path)))
                    $"{page}: {line}"

            for found in Regex.Matches(line, @"--project (\S+)") do
                Expect.isTrue (Directory.Exists(Path.Combine(Repository.root, found.Groups[1].Value))) $"{page}: {line}"
    }

let private sources =
    test "a source file that the documentation names exists" {
        let files =
            [
                for pattern in [ "*.fs"; "*.cs"; "*.js" ] do
                    for folder in Directory.GetDirectories Repository.root do
                        yield! Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            ]
            |> List.filter (fun file -> not (file.Contains "/obj/"))

        let named =
            [
                for page in pages do
                    for found in Regex.Matches(File.ReadAllText page, @"`([\w./]+\.(?:fs|cs|js))`") do
                        Path.GetFileName page, found.Groups[1].Value
            ]

        Expect.isGreaterThan named.Length 50 "they are found"

        for page, name in named do
            Expect.exists files _.EndsWith($"/{name}") $"{page}: {name}"
    }

/// The command lines of a page that start a program of this tree: its own lines, and those within sentences.
let private calls (page: string) =
    let text = File.ReadAllText page

    [
        yield! lines page

        for found in
            Regex.Matches(text, @"`((?:\./(?:run|recognize|release)|dotnet run -c Release --project) [^`]*--[^`]*)`") do
            found.Groups[1].Value
    ]

/// The program of a command line, and what asks it for the options that it has there.
let private helpOf (line: string) =
    let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

    // Commands come before the options.
    let asking (words: string list) =
        (words |> List.takeWhile (fun word -> Regex.IsMatch(word, "^[a-z]+$")))
        @ [ "--help" ]

    match words with
    | "dotnet" :: "run" :: "-c" :: "Release" :: "--project" :: project :: rest ->
        Some(Nodes.program project, asking (rest |> List.skipWhile (fun word -> word = "--")))
    | "./recognize" :: "models" :: _ -> Some(Nodes.program "Recognize.Cs", asking words.Tail)
    | "./recognize" :: _ -> Some(Nodes.program "Recognize.Cs", [ "--help" ])
    | "./run" :: _ -> Some(Nodes.program "Launch.Cs", [ "--help" ])
    | ("./release" | "deploy/first-hour") as script :: _ -> Some(Path.Combine(Repository.root, script), [ "--help" ])
    | _ -> None

let private optionsOf (line: string) =
    [
        for found in Regex.Matches(line, @"(?<=\s)--[A-Za-z][\w:.-]*") do
            found.Value
    ]

let private options =
    testTask "a command line in the documentation has options that the program has" {
        let all =
            [
                for page in pages do
                    for line in calls page do
                        match helpOf line with
                        | Some help -> Path.GetFileName page, line, help
                        | None -> ()
            ]

        Expect.isGreaterThan all.Length 15 "they are found"

        for (path, arguments), found in all |> List.groupBy (fun (_, _, help) -> help) do
            let path =
                if path.EndsWith "Recognize.Cs" then
                    Path.Combine(Unchecked.nonNull (Path.GetDirectoryName path), "recognize")
                else
                    path

            let! code, help = Programs.run path arguments ""
            Expect.equal code 0 $"{path} {arguments}: {help}"

            for page, line, _ in found do
                for option in optionsOf line |> List.except [ "--project" ] do
                    Expect.isTrue
                        (Regex.IsMatch(help, $@"{Regex.Escape option}\b", RegexOptions.IgnoreCase))
                        $"{page}: {line}: {option}"
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Command lines" [ known; sources; options ]
