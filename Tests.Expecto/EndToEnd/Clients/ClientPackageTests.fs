/// Batches through the package Recognition.Client, by programs that use it.
module Tests.Expecto.EndToEnd.ClientPackageTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Http
open Tests.Expecto

/// Prints a line for each result of four pictures, and the kind of an exception; for each address.
let private program =
    $$"""
#:project {{Repository.root}}/Recognition.Client/Recognition.Client.csproj
#:property TargetFramework=net10.0
using Recognition.Client;

foreach (var address in args.Skip(1))
{
    using var http = new HttpClient { BaseAddress = new Uri(address) };
    var client = new RecognitionClient(http, new Retries { FirstPause = TimeSpan.FromMilliseconds(50) });
    var name = new Uri(address).AbsolutePath;
    try
    {
        var pictures = Directory.GetFiles(args[0]).Order().Select(path => new PictureFile(Path.GetFileName(path), File.ReadAllBytes(path)));
        await foreach (var (picture, answer, problem) in client.ClassifyBatchAsync(pictures))
        {
            Console.WriteLine($"{name} {picture.Name.Replace('\n', '?')} {answer?.Predictions[0].Label ?? problem!.Title}");
        }
    }
    catch (Exception error)
    {
        Console.WriteLine($"{name} {error.GetType().Name}");
    }
}
"""

/// What the program prints, sorted, for these addresses and the pictures of a folder.
let private printed (folder: string) (addresses: string list) =
    task {
        let script = Path.Combine(Programs.folder "client", "Batch.cs")
        File.WriteAllText(script, program.TrimStart())

        use node =
            Node.Start("client", "dotnet", [ "run"; script; "--"; folder ] @ addresses, [])

        let! code = node.EndedAsync(TimeSpan.FromMinutes 4.0)
        Expect.equal code 0 node.Text
        return node.Lines |> Array.sort |> List.ofArray
    }

/// Names that can't be in a header.
let private names = [ "1 \"quoted\".png"; "2\nlines.png"; "3 é.png"; "4.png" ]

let private folder () =
    let folder = Programs.folder "batch"

    for name in names do
        File.Copy(Repository.sample "daisy", Path.Combine(folder, name))

    folder

let private shown (path: string) what =
    [ for name in names -> $"{path} {name.Replace('\n', '?')} {what}" ]

let private small =
    testTask "pictures with any name, more of them than a server takes at once, in files or in bytes" {
        let folder = folder ()

        // Two pictures of 118 kB fit, and no three.
        for options in
            [
                [ "--Upload:MaxFiles=2" ]
                [ "--Upload:MaxBytes=150000"; "--Upload:MaxRequest=300000" ]
            ] do
            use! web = Nodes.service [] options
            let! lines = printed folder [ $"http://localhost:{web.Port}" ]
            Expect.equal lines (shown "/" "daisy") $"{web.Node.Text}"

        Directory.Delete(folder, true)
    }

let private answer index =
    $"{{\"index\":{index},\"status\":200,\"answer\":{{\"model\":\"m\",\"worker\":\"w\",\"milliseconds\":1,\"predictions\":[{{\"label\":\"cat\",\"probability\":1}}]}}}}\n"

let private faults =
    testTask "a broken connection is continued; impossible results are an error" {
        let folder = folder ()
        let received = Collections.Concurrent.ConcurrentQueue<string * int>()

        let handle (context: HttpContext) : Task =
            task {
                let path = string context.Request.Path
                let! form = context.Request.ReadFormAsync()
                let count = form.Files.Count
                received.Enqueue(path, count)
                let send (line: string) = context.Response.WriteAsync line

                match path.Replace("/api/classify/batch", "") with
                | "/breaks" when count > 2 ->
                    do! send (answer 0)
                    do! context.Response.Body.FlushAsync()
                    // The line arrives before the end of the connection.
                    do! Task.Delay 500
                    context.Abort()
                | "/few" when count > 1 ->
                    context.Response.StatusCode <- 400
                    context.Response.ContentType <- "application/problem+json"
                    do! send """{"title":"Too many files","code":"too-many-files"}"""
                | "/refuses" ->
                    context.Response.StatusCode <- 400
                    context.Response.ContentType <- "application/problem+json"
                    do! send """{"title":"No such option"}"""
                | "/other" -> do! send (answer 7)
                | "/twice" -> do! send (answer 0 + answer 0)
                | "/empty" -> do! send "{\"index\":0,\"status\":200}\n"
                | "/short" -> do! send (answer 0)
                | _ ->
                    for index in 0 .. count - 1 do
                        do! send (answer index)
            }

        use! app = LocalSite.serve handle
        let address path = $"{Seq.head app.Urls}{path}"

        let! lines =
            [
                "/breaks"
                "/few"
                "/refuses"
                "/other"
                "/twice"
                "/empty"
                "/short"
                "/whole/"
            ]
            |> List.map address
            |> printed folder

        let first = names.Head

        Expect.equal
            lines
            (List.sort (
                shown "/breaks" "cat"
                @ shown "/few" "cat"
                @ [ "/refuses RecognitionException" ]
                @ shown "/whole/" "cat"
                @ [
                    for path in [ "/other"; "/twice"; "/empty"; "/short" ] do
                        $"{path} InvalidDataException"

                    for path in [ "/twice"; "/short" ] do
                        $"{path} {first} cat"
                ]
            ))
            "each"

        let counts (start: string) =
            [
                for path, count in received do
                    if path.StartsWith start then
                        count
            ]

        Expect.equal (counts "/breaks") [ 4; 3; 2 ] "only those without a result are sent again"
        Expect.equal (counts "/few") [ 4; 2; 1; 1; 1; 1 ] "half as many each time, until the server takes them"
        Expect.equal (counts "/refuses") [ 4 ] "fewer would not help"
        Directory.Delete(folder, true)
    }

let private dead =
    testTask "a connection that breaks again and again is an HttpRequestException" {
        let folder = Programs.folder "one"
        File.Copy(Repository.sample "daisy", Path.Combine(folder, "a.png"))

        let handle (context: HttpContext) : Task =
            task {
                let! _ = context.Request.ReadFormAsync()
                do! context.Response.WriteAsync "{"
                do! context.Response.Body.FlushAsync()
                context.Abort()
            }

        use! app = LocalSite.serve handle
        let! lines = printed folder [ Seq.head app.Urls ]
        Expect.equal lines [ "/ HttpRequestException" ] "documented"
        Directory.Delete(folder, true)
    }

let tests =
    testSequencedGroup "programs"
    <| testList "Client package" [ small; faults; dead ]
