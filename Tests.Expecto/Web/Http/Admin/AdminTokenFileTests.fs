/// The file with the administrator token: made once, for its owner alone, and never through a link.
module Tests.Expecto.Web.AdminTokenFileTests

open System.IO
open System.Threading.Tasks
open Expecto
open Web.Giraffe

let private inFolder (run: string -> unit) =
    let folder = Directory.CreateTempSubdirectory "token-"

    try
        run (Path.Combine(folder.FullName, "admin-token"))
    finally
        folder.Delete true

let private case name run = testCase name (fun () -> inFolder run)

let private refused (says: string) result =
    match result with
    | Error message ->
        Expect.stringStarts message "Admin:TokenFile" "names the option"
        Expect.stringContains message says "says why"
    | Ok(_, origin) -> failtest $"{origin}"

let private ownerOnly = UnixFileMode.UserRead ||| UnixFileMode.UserWrite

let tests =
    testList
        "AdminTokenFile"
        [
            case "the first start makes a token of 256 bits, mode 0600; the second reads it" (fun path ->
                match AdminTokenFile.readOrCreate path false, AdminTokenFile.readOrCreate path false with
                | Ok(first, made), Ok(second, found) ->
                    Expect.equal (made, found) (NewTokenFile path, TokenFile path) "made, then found"
                    Expect.equal second first "the same"
                    Expect.isGreaterThanOrEqual first.Length 43 "base64url of 32 bytes"
                    Expect.equal (File.ReadAllText path) (first + "\n") "a line"
                    Expect.equal (File.GetUnixFileMode path) ownerOnly "mode"
                    Expect.hasLength (Directory.GetFiles(string (Path.GetDirectoryName path))) 1 "nothing beside it"
                | other -> failtest $"{other}")

            case "nodes that start together have one token" (fun path ->
                let tokens =
                    Task
                        .WhenAll([ for _ in 1..16 -> Task.Run(fun () -> AdminTokenFile.readOrCreate path false) ])
                        .GetAwaiter()
                        .GetResult()
                    |> Array.map (Result.map fst)
                    |> Array.distinct

                Expect.hasLength tokens 1 "the same for all")

            case "a link at the default place is refused, and its target stays as it was" (fun path ->
                let target = path + ".target"
                File.WriteAllText(target, "a token of a stranger's choice")
                File.SetUnixFileMode(target, ownerOnly)
                File.CreateSymbolicLink(path, target) |> ignore
                refused "symbolic link" (AdminTokenFile.readOrCreate path false)
                File.Delete target
                refused "symbolic link" (AdminTokenFile.readOrCreate path false)
                refused "can't be used" (AdminTokenFile.readOrCreate path true)
                Expect.isFalse (File.Exists target) "nothing was written through it")

            case "a file that others can read is refused at the default place" (fun path ->
                File.WriteAllText(path, "a token that others have read")
                File.SetUnixFileMode(path, ownerOnly ||| UnixFileMode.OtherRead)
                refused "0600" (AdminTokenFile.readOrCreate path false))

            case "the operator's own file may be a link, as Kubernetes mounts secrets" (fun path ->
                let target = path + ".target"
                File.WriteAllText(target, "the operator's own token\n")
                File.CreateSymbolicLink(path, target) |> ignore

                Expect.equal
                    (AdminTokenFile.readOrCreate path true)
                    (Ok("the operator's own token", TokenFile path))
                    "taken")

            case "an empty file, two lines, or a folder: no start" (fun path ->
                File.WriteAllText(path, " \n")
                refused "is empty" (AdminTokenFile.readOrCreate path true)
                File.WriteAllText(path, "one\ntwo\n")
                refused "more than one line" (AdminTokenFile.readOrCreate path true)
                File.WriteAllText(path, System.String('x', 100_000))
                refused "more than one line" (AdminTokenFile.readOrCreate path true)
                File.Delete path
                Directory.CreateDirectory path |> ignore
                refused "can't be used" (AdminTokenFile.readOrCreate path true))

            case
                "where no file can be written, administration is closed; a file that was named must be there"
                (fun path ->
                    // A folder in the way of the file's own keeps root out, too.
                    File.WriteAllText(path, "")
                    let below = Path.Combine(path, "admin-token")

                    match AdminTokenFile.readOrCreate below false with
                    | Ok(_, NoTokenFile _) -> ()
                    | other -> failtest $"{other}"

                    refused "can't be used" (AdminTokenFile.readOrCreate below true))
        ]
