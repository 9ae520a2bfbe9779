/// The pages of the documentation, and the command lines in them.
module internal Tests.Expecto.Deployment.Documentation

open System.IO
open System.Text.RegularExpressions
open Tests.Expecto

let pages =
    [
        yield! Directory.GetFiles(Path.Combine(Repository.root, "docs"), "*.md")
        Path.Combine(Repository.root, "README.md")
        Path.Combine(Repository.root, "CONTRIBUTING.md")
    ]

/// The indented lines of a page that begin with a program's name.
let lines (page: string) =
    [
        for line in File.ReadAllLines page do
            let found =
                Regex.Match(
                    line,
                    @"^    (?:[A-Z_]+=\S+ )*((?:\./|deploy/|\.config/|bench/|dotnet |promtool |bash |docker |kubectl |helm ).*)$"
                )

            if found.Success then
                found.Groups[1].Value
    ]
