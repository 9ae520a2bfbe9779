/// The series with a worker's name: there while it is on the list, and gone with it.
module Tests.Expecto.Operations.WorkerSeriesTests

open System.Net.Http
open Expecto
open Microsoft.Extensions.DependencyInjection
open Web.Giraffe
open Tests.Expecto
open Tests.Expecto.Web

let private withMetrics workers (test: IWorkerList -> (unit -> System.Threading.Tasks.Task<string>) -> _) =
    task {
        let port = Nodes.freePort ()

        use! web =
            WebUnderTest.Start(
                [
                    $"--Metrics:Port={port}"
                    "--Metrics:Address=127.0.0.1"
                    "--Pool:CheckSeconds=0"
                ],
                workers
            )

        use client = new HttpClient()

        let scrape () =
            client.GetStringAsync $"http://127.0.0.1:{port}/metrics"

        do! test (web.Services.GetRequiredService<IWorkerList>()) scrape web
    }

let tests =
    testSequencedGroup "programs"
    <| testList
        "WorkerSeries"
        [
            testTask "a worker's series appear and disappear with it, and the others stay" {
                use worker = TestWorker.good ()
                let dead = TestWorker.deadAddress ()

                do!
                    withMetrics [ worker.Address; dead ] (fun list scrape web ->
                        task {
                            for _ in 1..2 do
                                let! answer =
                                    web.Send("POST", "/api/classify", [], Some(Http.body (Picture.png 100)))

                                Expect.equal (Http.status answer) 200 "answered"

                            let! before = scrape ()
                            let ejected = $"recognition_web_ejections_total{{worker=\"{dead}\"}} 1"
                            Expect.stringContains before ejected "the dead one"
                            let failed = $"{{outcome=\"failed\",worker=\"{dead}\"}}"
                            let named = $"{{worker=\"{dead}\",outcome=\"failed\"}}"
                            Expect.isTrue (before.Contains failed || before.Contains named) before
                            list.Remove dead |> ignore
                            // Scrapes of less than a second share an answer.
                            do! System.Threading.Tasks.Task.Delay 1_100
                            let! after = scrape ()
                            Expect.isFalse (after.Contains(string dead)) "gone"
                            Expect.stringContains after (string worker.Address) "the other one"
                        })
            }

            testCaseTask "11,000 workers that come and go leave no series behind"
            <| fun () ->
                withMetrics [] (fun list scrape _ ->
                    task {
                        for round in 0..21 do
                            let workers =
                                [ for port in 1..500 -> WorkerAddress.withoutTls $"worker-{round}" port ]

                            for worker in workers do
                                list.Add worker |> ignore

                            do! System.Threading.Tasks.Task.Delay 400
                            let! now = scrape ()
                            ignore now

                            for worker in workers do
                                list.Remove worker |> ignore

                        list.Add(WorkerAddress.withoutTls "last" 1) |> ignore
                        do! System.Threading.Tasks.Task.Delay 1_100
                        let! after = scrape ()

                        Expect.stringContains
                            after
                            "recognition_web_ejections_total{worker=\"last:1\"} 0"
                            "the last one"

                        Expect.isFalse (after.Contains "worker-") "and none of the others"
                        Expect.isFalse (after.Contains "overflow") "there is room"
                    })
        ]
