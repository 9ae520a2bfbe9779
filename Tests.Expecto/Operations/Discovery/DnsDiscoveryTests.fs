/// Workers that are found by a name, with a name server of our own.
module Tests.Expecto.Operations.DnsDiscoveryTests

open System
open System.Net
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Hosting
open Web.Giraffe
open Tests.Expecto.Web

let private ip (text: string) = IPAddress.Parse text

/// A list that follows a name, and its log.
[<Sealed>]
type private FollowingList(name: string, server: NameServer) =
    let settings =
        { WorkersUnderTest.settings with
            Names = [ WorkerAddress.withoutTls name 8888 ]
            NameServer = Some server.EndPoint
        }

    let service = WorkersUnderTest.start []
    let lines = LogLines<DnsDiscovery>()

    let discovery = new DnsDiscovery(settings, service.List, TimeProvider.System, lines)

    /// Starts discovery; returns after the first answers.
    static member Start(name, server) =
        task {
            let list = new FollowingList(name, server)
            do! list.Start()
            return list
        }

    member _.Start() : Task =
        (discovery :> IHostedService).StartAsync CancellationToken.None

    member _.Operator = service.Operator
    member _.Lines = lines
    member _.Workers = service.List.Addresses |> List.map string |> List.sort

    member list.Becomes expected =
        WorkersUnderTest.eventually $"{expected}" (fun () -> list.Workers = List.sort expected)

    interface IAsyncDisposable with
        member _.DisposeAsync() =
            task {
                do! (discovery :> IHostedService).StopAsync CancellationToken.None
                (discovery :> IDisposable).Dispose()
            }
            |> ValueTask

/// Waits until the name server has answered at least two more rounds of queries.
let private queriedAgain (server: NameServer) =
    let before = server.QueryCount
    WorkersUnderTest.eventually "queried again" (fun () -> server.QueryCount >= before + 4)

let private read = GivenSettings.workers

let tests =
    testList
        "DnsDiscovery"
        [
            testTask "all A and AAAA records are used and refreshed, and kept while the name server fails" {
                use server = new NameServer()
                server.Answer <- Records([ ip "10.1.0.1"; ip "10.1.0.2"; ip "fd00::5" ], 1)
                use! list = FollowingList.Start("workers.example", server)
                Expect.equal list.Workers [ "10.1.0.1:8888"; "10.1.0.2:8888"; "[fd00::5]:8888" ] "from the start"
                server.Answer <- Records([ ip "10.1.0.2"; ip "10.1.0.3" ], 1)
                do! list.Becomes [ "10.1.0.2:8888"; "10.1.0.3:8888" ]
                server.Answer <- NoSuchName
                let before = server.QueryCount
                do! WorkersUnderTest.eventually "it is logged" (fun () -> (list.Lines.With 2053).Length = 1)
                Expect.isGreaterThan server.QueryCount before "it was queried"
                Expect.equal list.Workers [ "10.1.0.2:8888"; "10.1.0.3:8888" ] "unchanged without the name"
                server.Answer <- Records([ ip "10.1.0.3" ], 300)
                do! list.Becomes [ "10.1.0.3:8888" ]
                let before = server.QueryCount
                do! Task.Delay 1500
                Expect.equal server.QueryCount before "valid for five minutes: not queried"
            }

            testTask "a silent name server does not delay the start, and its later answer is used" {
                use server = new NameServer()
                server.Answer <- Silence
                use! list = FollowingList.Start("workers.example", server)
                Expect.isEmpty list.Workers "none yet"
                server.Answer <- Records([ ip "10.1.0.1" ], 60)
                do! list.Becomes [ "10.1.0.1:8888" ]
            }

            for answer in [ NoSuchName; Failure ] do
                testTask $"a name in the hosts file is resolved in spite of {answer}" {
                    use server = new NameServer()
                    server.Answer <- answer
                    use! list = FollowingList.Start("localhost", server)
                    Expect.contains list.Workers "127.0.0.1:8888" "of the hosts file"
                }

            testTask
                "a worker that an operator removed stays off the list, and one that an operator added stays on it, whatever the name has" {
                use server = new NameServer()
                server.Answer <- Records([ ip "10.1.0.1"; ip "10.1.0.2" ], 1)
                use! list = FollowingList.Start("workers.example", server)
                list.Operator.Remove(WorkerAddress.withoutTls "10.1.0.1" 8888) |> ignore
                list.Operator.Add(WorkerAddress.withoutTls "10.1.0.9" 8888) |> ignore
                do! queriedAgain server
                Expect.equal list.Workers [ "10.1.0.2:8888"; "10.1.0.9:8888" ] "the operator's list"
                server.Answer <- Records([ ip "10.1.0.2" ], 1)
                do! queriedAgain server
                server.Answer <- Records([ ip "10.1.0.1"; ip "10.1.0.2" ], 1)
                do! list.Becomes [ "10.1.0.1:8888"; "10.1.0.2:8888"; "10.1.0.9:8888" ]
            }

            test "names and addresses can be mixed" {
                let settings =
                    [
                        "Workers", "10.0.0.1:8888,dns://Workers.example:8889"
                        "Discovery:Server", "127.0.0.1:53"
                    ]

                let settings = Expect.wantOk (read settings) "valid"
                Expect.equal (List.map string settings.Workers) [ "10.0.0.1:8888" ] "addresses"
                Expect.equal (List.map string settings.Names) [ "workers.example:8889" ] "names"
                Expect.equal settings.NameServer (Some(IPEndPoint(IPAddress.Loopback, 53))) "server"
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
                    let message = Expect.wantError (read [ key, value ]) "refused" |> List.exactlyOne
                    Expect.stringContains message (key.Split(':').[0]) "the option"
                }
        ]
