/// The same picture twice costs one exchange, and no answer outlives the version that made it.
module Tests.Expecto.Web.ResponseCacheTests

open System
open System.Net.Http
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
let private serving (maxBytes: int) (test: WebUnderTest -> TestWorker -> Task<unit>) =
    task {
        use worker = new TestWorker(recognizes "1")
        worker.Models <- serves "1"
        use! web = WebUnderTest.Start([ $"--Cache:MaxBytes={maxBytes}" ], [ worker.Address ])
        do! web.Services.GetRequiredService<WorkerClient>().Negotiate worker.Address
        do! test web worker
    }

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
    testCaseTask "the same picture is answered from the cache; another picture or other options are not"
    <| fun () ->
        serving large (fun web worker ->
            task {
                let! first = answer web "" (Picture.png 100)
                Expect.isFalse (isCached first) "the first"
                let! second = answer web "" (Picture.png 100)
                Expect.isTrue (isCached second) "the second"
                Expect.equal (second.GetProperty("attempts").GetInt32()) 0 "no worker was asked"

                for same in [ "model"; "version"; "worker"; "predictions" ] do
                    Expect.equal (string (second.GetProperty same)) (string (first.GetProperty same)) same

                let! _ = answer web "?top=5" (Picture.png 100)
                Expect.equal worker.PictureCount 1 "five classes are the default"

                for query, picture in
                    [
                        "?top=7", Picture.png 100
                        "?explain=true", Picture.png 100
                        "", Picture.png 101
                    ] do
                    let! other = answer web query picture
                    Expect.isFalse (isCached other) $"{query} is not the same"

                Expect.equal worker.PictureCount 4 "exchanges"
            })

let private newVersion =
    testCaseTask "a new version never answers from the old one's entries"
    <| fun () ->
        serving large (fun web worker ->
            task {
                let! _ = answer web "" (Picture.png 100)
                worker.Models <- serves "2"
                worker.Behaviour <- recognizes "2"
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
            })

let private notStored =
    testTask "errors are not stored, nor answers of a model whose files are not identified; 0 switches it off" {
        do!
            serving large (fun web worker ->
                task {
                    worker.Behaviour <- Refuses(Refusal.create "Damaged" "It is damaged.")

                    for _ in 1..2 do
                        let! answer = post web "" (Picture.png 100)
                        Expect.equal (Http.status answer) 422 "refused"

                    Expect.equal worker.PictureCount 2 "refused twice"
                    worker.Behaviour <- recognizes "1"
                    let! _ = answer web "" (Picture.png 100)
                    ()
                })

        do!
            serving 0 (fun web worker ->
                task {
                    for _ in 1..2 do
                        let! answer = answer web "" (Picture.png 100)
                        Expect.isFalse (isCached answer) "off"

                    Expect.equal worker.PictureCount 2 "off"
                })

        use worker = TestWorker.good ()
        use! web = WebUnderTest.Start([ $"--Cache:MaxBytes={large}" ], [ worker.Address ])

        for _ in 1..2 do
            let! answer = answer web "" (Picture.png 100)
            Expect.isFalse (isCached answer) "no digest"

        Expect.equal worker.PictureCount 2 "no digest"
    }

let private bounded =
    testCaseTask "the cache is bounded"
    <| fun () ->
        serving 1000 (fun web worker ->
            task {
                for size in 100..140 do
                    let! _ = answer web "" (Picture.png size)
                    ()

                let seen = worker.PictureCount
                let mutable hits = 0

                for size in 100..140 do
                    let! again = answer web "" (Picture.png size)

                    if isCached again then
                        hits <- hits + 1

                // An entry has about 200 bytes.
                Expect.isLessThan hits 10 "of 41"
                Expect.equal (worker.PictureCount - seen) (41 - hits) "the others were asked again"
            })

let private shared =
    testCaseTask "eight requests for one picture share an exchange, and cancelling the first ends none of the others"
    <| fun () ->
        serving large (fun web worker ->
            task {
                worker.Freeze()
                use cancel = new CancellationTokenSource()

                let first =
                    web.Client.PostAsync("/api/classify", Http.body (Picture.png 100), cancel.Token)

                let list = web.Services.GetRequiredService<IWorkerList>()
                let inFlight () = list.Report() |> Array.sumBy _.InFlight
                do! WorkersUnderTest.eventually "with the worker" (fun () -> inFlight () = 1)
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
                worker.Thaw()
                let! answers = Task.WhenAll others

                for answer in answers do
                    Expect.equal (Http.status answer) 200 "classified"
                    let! answer = Http.json answer
                    Expect.isTrue (isCached answer) "by the first one's exchange"

                Expect.equal worker.PictureCount 1 "one exchange"
            })

let tests =
    testList "ResponseCache" [ again; newVersion; notStored; bounded; shared ]
