module Tests.Expecto.Web.WorkerServicesTests

open System
open System.Buffers
open System.IO
open System.Threading
open Expecto
open Tests.Expecto
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Hosting
open Web.Giraffe

let private read = GivenSettings.workers

let private wrong =
    [
        "Workers", "127.0.0.1"
        "Workers:0", "127.0.0.1:70000"
        "Pool:InFlight", "0"
        "Pool:InFlight", "many"
        "Pool:Queue", "-1"
        "Pool:MaxAttempts", "0"
        "Pool:OnFailure", "Explode"
        "Pool:Policy", "Whoever"
        "Pool:FirstRetrySeconds", "0"
        "Pool:LongestRetrySeconds", "1"
        "Pool:RequestSeconds", "00:00:10"
        "Pool:CheckSeconds", "-1"
        "Pool:CheckDeadlineSeconds", "NaN"
        "Pool:ProbeImage", "/no/such/picture.png"
        "Pool:Inflight2", "8"
        "Client:ConnectSeconds", "1,5"
        "Client:ExchangeSeconds", "1e9"
        "Client:SilenceSeconds", ""
        "Client:Exchange", "Both"
        "Client:IdleConnections", "-1"
        "Client:IdleSeconds", "0"
        "Client:TlsCa", "/no/such/ca.pem"
        "Client:TlsCertificate", "/no/such/web.pem"
        "Client:TlsKey", "web.key"
        "Registry:File", "x"
    ]

let tests =
    testList
        "WorkerServices"
        [
            for key, value in wrong do
                test $"{key}={value} is refused with a sentence that names it" {
                    let message = Expect.wantError (read [ key, value ]) "refused" |> List.exactlyOne
                    Expect.stringContains message (key.Split(":0")[0]) "the option"
                    Expect.isTrue (message.EndsWith '.' || message.EndsWith '?') $"a sentence: {message}"
                }

            test "all errors are reported at once" {
                let invalid =
                    [ "Pool:InFlight", "0"; "Client:SilenceSeconds", "x"; "Workers", "a,b" ]

                Expect.hasLength (Expect.wantError (read invalid) "refused") 4 "messages"
            }

            test "workers are read from a list or one text, without duplicates" {
                let host name = WorkerAddress.withoutTls name 1

                let settings =
                    [ "Workers", "a:1, b:1,,A:1"; "Workers:0", "b:1"; "Workers:1", "c:1" ]

                let workers = (Expect.wantOk (read settings) "valid").Workers
                Expect.equal workers [ host "a"; host "b"; host "c" ] "workers"
            }

            test "each port has its own list file by default" {
                let path options =
                    (Expect.wantOk (read options) "valid").Registry

                Expect.equal (path []) (Some "workers-9999.json") "the default port"
                Expect.equal (path [ "Http:Port", "80" ]) (Some "workers-80.json") "another"
                Expect.equal (path [ "Http:Port", "0" ]) None "any port"
                Expect.equal (path [ "Registry:Path", "" ]) None "switched off"
                Expect.equal (path [ "Registry:Path", "x.json"; "Http:Port", "0" ]) (Some "x.json") "named"
            }

            testTask "registered services classify, and keep their list" {
                use worker = TestWorker.good ()
                let folder = Directory.CreateTempSubdirectory("workers-").FullName
                let path = Path.Combine(folder, "workers.json")
                let builder = Host.CreateEmptyApplicationBuilder(HostApplicationBuilderSettings())

                let settings =
                    Expect.wantOk (read [ "Workers:0", string worker.Address; "Registry:Path", path ]) "valid"

                WorkerServices.add settings builder.Services
                use host = builder.Build()
                do! host.StartAsync()
                let recognizer = host.Services.GetRequiredService<IRecognizer>()

                let! result =
                    recognizer.Classify(ReadOnlySequence [| 1uy |], ClassifyOptions.None, CancellationToken.None)

                let answer = Expect.wantOk result "answered"

                Expect.equal
                    (answer.Worker, answer.Recognition.Model, answer.Attempts)
                    (worker.Address, "squeezenet1_1", 1)
                    "the answer"

                Expect.equal answer.Predictions TestWorker.predictions "the classes"
                Expect.isGreaterThan answer.Elapsed TimeSpan.Zero "the time"
                let list = host.Services.GetRequiredService<IWorkerList>()
                Expect.equal (list.Report() |> Array.map _.Uses) [| 1L |] "checks are no uses"
                Expect.stringContains (File.ReadAllText path) (string worker.Address) "the file"
                do! host.StopAsync()
                Directory.Delete(folder, true)
            }
        ]
