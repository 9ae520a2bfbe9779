/// Workers that are found by a name, with a name server of our own.
module Tests.Expecto.Operations.DnsDiscoveryTests

open System
open System.Net
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.Hosting
open Web.Giraffe
open Tests.Expecto.Web

let private ip (text: string) = IPAddress.Parse text

/// A list that follows `name`, and what it logged.
let private follow (name: string) (server: NameServer) (check: WorkerPool -> LogLines<DnsDiscovery> -> Task<unit>) =
    task {
        let settings =
            { WorkersUnderTest.settings with
                Names =
                    [
                        {
                            Host = name
                            Port = 8888
                            IsTls = false
                        }
                    ]
                NameServer = Some server.EndPoint
            }

        let engine = WorkersUnderTest.startWith (fun _ -> settings) []
        let lines = LogLines<DnsDiscovery>()
        use follower = new DnsDiscovery(settings, engine.List, TimeProvider.System, lines)
        do! (follower :> IHostedService).StartAsync CancellationToken.None
        do! check engine.List lines
        do! (follower :> IHostedService).StopAsync CancellationToken.None
    }

let private hosts (list: WorkerPool) =
    list.Addresses |> List.map string |> List.sort

let private becomes (list: WorkerPool) expected =
    WorkersUnderTest.eventually $"{expected}" (fun () -> hosts list = List.sort expected)

let private records =
    testTask "all A and AAAA records are used and refreshed, and kept while the name server fails" {
        use server = new NameServer()
        server.Answer <- Records([ ip "10.1.0.1"; ip "10.1.0.2"; ip "fd00::5" ], 1)

        do!
            follow "workers.example" server (fun list lines ->
                task {
                    Expect.equal
                        (hosts list)
                        [ "10.1.0.1:8888"; "10.1.0.2:8888"; "[fd00::5]:8888" ]
                        "there from the start"

                    server.Answer <- Records([ ip "10.1.0.2"; ip "10.1.0.3" ], 1)
                    do! becomes list [ "10.1.0.2:8888"; "10.1.0.3:8888" ]
                    server.Answer <- NoSuchName
                    let asked = server.QueryCount
                    do! WorkersUnderTest.eventually "asked" (fun () -> (lines.With 2053).Length = 1)
                    Expect.isGreaterThan server.QueryCount asked "it was asked"
                    Expect.equal (hosts list) [ "10.1.0.2:8888"; "10.1.0.3:8888" ] "no such name: as it was"
                    server.Answer <- Records([ ip "10.1.0.3" ], 300)
                    do! becomes list [ "10.1.0.3:8888" ]
                    let asked = server.QueryCount
                    do! Task.Delay 1500
                    Expect.equal server.QueryCount asked "good for five minutes: not asked for"
                })
    }

let private silent =
    testTask "a silent name server does not delay the start, and its later answer is used" {
        use server = new NameServer()
        server.Answer <- Silence

        do!
            follow "workers.example" server (fun list _ ->
                task {
                    Expect.isEmpty (hosts list) "nobody yet"
                    server.Answer <- Records([ ip "10.1.0.1" ], 60)
                    do! becomes list [ "10.1.0.1:8888" ]
                })
    }

let private hostsFile =
    testList
        "a name that only this machine knows"
        [
            for answer in [ NoSuchName; Failure ] do
                testTask $"{answer}" {
                    use server = new NameServer()
                    server.Answer <- answer

                    do!
                        follow "localhost" server (fun list _ ->
                            task { Expect.contains (hosts list) "127.0.0.1:8888" "of its hosts file" })
                }
        ]

let private operators =
    testTask
        "a worker that an operator removed stays off the list, and one that an operator added stays on it, whatever the name has" {
        use server = new NameServer()
        server.Answer <- Records([ ip "10.1.0.1"; ip "10.1.0.2" ], 1)

        do!
            follow "workers.example" server (fun list _ ->
                task {
                    let operator = list :> IWorkerList

                    operator.Remove
                        {
                            Host = "10.1.0.1"
                            Port = 8888
                            IsTls = false
                        }
                    |> ignore

                    operator.Add
                        {
                            Host = "10.1.0.9"
                            Port = 8888
                            IsTls = false
                        }
                    |> ignore

                    let asked = server.QueryCount
                    do! WorkersUnderTest.eventually "asked again" (fun () -> server.QueryCount >= asked + 4)
                    Expect.equal (hosts list) [ "10.1.0.2:8888"; "10.1.0.9:8888" ] "as the operator wants it"
                    server.Answer <- Records([ ip "10.1.0.2" ], 1)
                    let asked = server.QueryCount
                    do! WorkersUnderTest.eventually "asked again" (fun () -> server.QueryCount >= asked + 4)
                    server.Answer <- Records([ ip "10.1.0.1"; ip "10.1.0.2" ], 1)
                    do! becomes list [ "10.1.0.1:8888"; "10.1.0.2:8888"; "10.1.0.9:8888" ]
                })
    }

let private settings =
    let read = GivenSettings.workers

    testList
        "options"
        [
            test "names and addresses can be mixed" {
                match
                    read
                        [
                            "Workers", "10.0.0.1:8888,dns://Workers.example:8889"
                            "Discovery:Server", "127.0.0.1:53"
                        ]
                with
                | Ok settings ->
                    Expect.equal (List.map string settings.Workers) [ "10.0.0.1:8888" ] "addresses"
                    Expect.equal (List.map string settings.Names) [ "workers.example:8889" ] "names"
                    Expect.equal settings.NameServer (Some(IPEndPoint(IPAddress.Loopback, 53))) "server"
                | Error wrong -> failtest $"{wrong}"
            }
            for key, value in
                [
                    "Workers", "dns://workers.example"
                    "Workers", "dns://10.0.0.1:8888"
                    "Workers", "dns://:8888"
                    "Discovery:Server", "somewhere"
                    "Discovery:Sever", "127.0.0.1"
                ] do
                test $"{key}={value} is refused" {
                    match read [ key, value ] with
                    | Error [ message ] -> Expect.stringContains message (key.Split(':').[0]) "and named"
                    | other -> failtest $"{other}"
                }
        ]

let tests =
    testList "DnsDiscovery" [ records; silent; hostsFile; operators; settings ]
