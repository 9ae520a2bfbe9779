/// The same picture twice costs one exchange, and no answer outlives the version that made it.
module Tests.Expecto.Web.ResponseCacheTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.DependencyInjection
open Protocol.Core
open Web.Giraffe

let private serves version : ServedModels =
    {
        Default = "m"
        Executors = 1
        Revision = version
        Models = [| smallModel "m" version |]
    }

let private recognizes version =
    Recognizes(fun _ _ ->
        { Recognition.ofPredictions TestWorker.predictions with
            Model = "m"
            Version = version
            Revision = version
        })

/// A web node with this setting, and a worker whose version is known to it.
let private serving (maxBytes: int) =
    WebUnderTest.StartDescribed(
        [ $"--Cache:MaxBytes={maxBytes}" ],
        [ new TestWorker(recognizes "1", Models = serves "1") ]
    )

let private post (web: WebUnderTest) (query: string) (picture: byte[]) =
    web.Send("POST", $"/api/classify{query}", [], Some(Http.body picture))

let private answer web query picture =
    task {
        let! answer = post web query picture
        Expect.equal (Http.status answer) 200 "classified"
        return! Http.json answer
    }

let private isCached (answer: Text.Json.JsonElement) = fst (answer.TryGetProperty "cached")

let private large = 1_000_000

let private again =
    testTask "the same picture is answered from the cache; another picture or other options are not" {
        use! web = serving large
        let! first = answer web "" (Picture.png 100)
        Expect.isFalse (isCached first) "the first"
        let! second = answer web "" (Picture.png 100)
        Expect.isTrue (isCached second) "the second"
        Expect.equal (second.GetProperty("attempts").GetInt32()) 0 "no worker was asked"

        for same in [ "model"; "version"; "worker"; "predictions" ] do
            Expect.equal (string (second.GetProperty same)) (string (first.GetProperty same)) same

        let! _ = answer web "?top=5" (Picture.png 100)
        Expect.equal web.Worker.PictureCount 1 "five classes are the default"

        for query, picture in
            [
                "?top=7", Picture.png 100
                "?explain=true", Picture.png 100
                "", Picture.png 101
            ] do
            let! other = answer web query picture
            Expect.isFalse (isCached other) $"{query} is not the same"

        Expect.equal web.Worker.PictureCount 4 "exchanges"
    }

let private newVersion =
    testTask "a new version never answers from the old one's entries" {
        use! web = serving large
        let! _ = answer web "" (Picture.png 100)
        web.Worker.Models <- serves "2"
        web.Worker.Behaviour <- recognizes "2"
        // Its answer tells the web node that the models have changed.
        let! other = answer web "" (Picture.png 101)
        Expect.equal (string (other.GetProperty "version")) "2" "the worker's version"
        let models = web.Services.GetRequiredService<ModelDirectory>()

        do!
            WorkersUnderTest.eventually "the new version is known" (fun () ->
                models.InService ValueNone
                |> ValueOption.exists (fun model -> model.Version = "2"))

        for picture in [ Picture.png 100; Picture.png 101 ] do
            let! first = answer web "" picture
            Expect.isFalse (isCached first) "not from the old version's entry, nor from the change's"
            Expect.equal (string (first.GetProperty "version")) "2" "the new version"
            let! second = answer web "" picture
            Expect.isTrue (isCached second) "from the new version's entry"
    }

let private notStored =
    testTask "errors are not stored" {
        use! web = serving large
        web.Worker.Behaviour <- Refuses(Refusal.create "Damaged" "It is damaged.")

        for _ in 1..2 do
            do! Http.returns 422 "refused" (post web "" (Picture.png 100))

        Expect.equal web.Worker.PictureCount 2 "refused twice"
        web.Worker.Behaviour <- recognizes "1"
        let! _ = answer web "" (Picture.png 100)
        ()
    }

let private off =
    testTask "the answers of a model whose files are not identified are not stored; 0 switches it off" {
        for about, start in
            [
                "off", (fun () -> serving 0)
                "no digest", (fun () -> serve [ $"--Cache:MaxBytes={large}" ])
            ] do
            use! web = start ()

            for _ in 1..2 do
                let! answer = answer web "" (Picture.png 100)
                Expect.isFalse (isCached answer) about

            Expect.equal web.Worker.PictureCount 2 about
    }

let private bounded =
    testTask "the cache is bounded" {
        use! web = serving 1000

        for size in 100..140 do
            let! _ = answer web "" (Picture.png size)
            ()

        let seen = web.Worker.PictureCount
        let mutable hits = 0

        for size in 100..140 do
            let! again = answer web "" (Picture.png size)

            if isCached again then
                hits <- hits + 1

        // An entry has about 200 bytes.
        Expect.isLessThan hits 10 "of 41"
        Expect.equal (web.Worker.PictureCount - seen) (41 - hits) "the others were asked again"
    }

let private shared =
    testTask "eight requests for one picture share an exchange, and cancelling the first ends none of the others" {
        use! web = serving large
        web.Worker.Freeze()
        use cancel = new CancellationTokenSource()

        let first =
            web.Client.PostAsync("/api/classify", Http.body (Picture.png 100), cancel.Token)

        do! WorkersUnderTest.eventually "with the worker" (fun () -> web.InFlight = 1)
        let others = [ for _ in 1..7 -> post web "" (Picture.png 100) ]
        // Until they wait, too: nothing tells.
        do! Task.Delay 1000
        cancel.Cancel()

        let! isCancelled =
            task {
                try
                    let! _ = first
                    return false
                with :? OperationCanceledException ->
                    return true
            }

        Expect.isTrue isCancelled "the first one is over"
        web.Worker.Thaw()
        let! answers = Task.WhenAll others

        for answer in answers do
            Expect.equal (Http.status answer) 200 "classified"
            let! answer = Http.json answer
            Expect.isTrue (isCached answer) "by the first one's exchange"

        Expect.equal web.Worker.PictureCount 1 "one exchange"
    }

let tests =
    testList "ResponseCache" [ again; newVersion; notStored; off; bounded; shared ]
