module Tests.Expecto.Web.FileWorkerStoreTests

open System
open System.IO
open System.Text
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Logging
open Protocol.Core
open Web.Giraffe

let private worker (name: string) = WorkerAddress.withoutTls name 8888
let private workers = List.map worker

type private Folder() =
    let path = Directory.CreateTempSubdirectory("registry-").FullName
    member _.File = Path.Combine(path, "state", "workers.json")

    member folder.Beside =
        Directory.GetFiles(Path.GetDirectoryName folder.File |> string)
        |> Array.map Path.GetFileName

    interface IDisposable with
        member _.Dispose() = Directory.Delete(path, true)

let private start onFailure (folder: Folder) configured =
    let policy =
        { WorkersUnderTest.settings.Policy with
            OnFailure = onFailure
            LoadBalancingPolicy = LoadBalancingPolicy.RoundRobin
        }

    let log = LogLines<FileWorkerStore>()

    let list =
        WorkerPool(policy, 8, TimeProvider.System, (fun () -> 0.5), LogLines<WorkerPool>())

    let store: IWorkerStore = FileWorkerStore(folder.File, TimeProvider.System, log)
    store.Attach(list, workers configured)
    list, log

let private startEject = start OnFailure.Eject

let private add (list: WorkerPool) name =
    (list :> IWorkerList).Add(worker name) |> ignore

let private remove (list: WorkerPool) name =
    (list :> IWorkerList).Remove(worker name) |> ignore

let private names (list: WorkerPool) = list.Addresses |> List.map _.Host

/// The list after a restart.
let private started folder configured =
    names (fst (startEject folder configured))

let tests =
    testList
        "FileWorkerStore"
        [
            test "added and removed workers survive a restart, in their order" {
                use folder = new Folder()
                let list, _ = startEject folder [ "a"; "b" ]
                add list "c"
                remove list "a"
                let again, log = startEject folder []
                Expect.equal (names again) [ "c" ] "the settings have no workers now"
                Expect.isEmpty (log.With 2021) "no damage"
            }

            test "a worker's TLS survives a restart" {
                use folder = new Folder()
                let list, _ = startEject folder [ "a" ]
                let secure = { worker "a" with IsTls = true }
                (list :> IWorkerList).Add secure |> ignore
                let again, _ = startEject folder [ "a" ]
                Expect.equal again.Addresses [ worker "a"; secure ] "the list"
            }

            test "a worker from the settings that an operator removed stays off the list, which is logged" {
                use folder = new Folder()
                let list, _ = startEject folder [ "a"; "b" ]
                remove list "a"
                let again, log = startEject folder [ "a"; "b" ]
                Expect.equal (names again) [ "b" ] "a stays off"
                Expect.equal (log.With 2023 |> List.map _.Values["Worker"]) [ "a:8888" ] "logged"
                let third, _ = startEject folder [ "a"; "b" ]
                Expect.equal (names third) [ "b" ] "also after the next start"
                add third "a"
                Expect.equal (started folder [ "a"; "b" ]) [ "b"; "a" ] "until it is added"
            }

            test "workers added to or removed from the settings are added to or removed from the list" {
                use folder = new Folder()
                let list, _ = startEject folder [ "a"; "b" ]
                add list "x"
                Expect.equal (started folder [ "b"; "c" ]) [ "b"; "x"; "c" ] "x is the operator's"
            }

            test "a worker removed after a failure is back at the next start" {
                use folder = new Folder()
                let list, _ = start OnFailure.Remove folder [ "a"; "b" ]

                let acquired =
                    list.Take(Set.empty, TimeSpan.Zero, Threading.CancellationToken.None).Result

                list.Failed(WorkersUnderTest.leaseOf acquired, Failure.at Stage.Connect Cause.Refused, "")
                Expect.equal (names list) [ "b" ] "off the list"
                Expect.equal (started folder [ "a"; "b" ]) [ "b"; "a" ] "back"
            }

            for name, text in
                [
                    "nothing", ""
                    "half of it", """{ "workers": ["a:88"""
                    "no object", "[1]"
                    "no list", """{ "workers": 3, "configured": [] }"""
                    "no text", """{ "workers": [3], "configured": [] }"""
                    "no address", """{ "workers": ["nonsense"], "configured": [] }"""
                    "noise", "\000\001\255"
                ] do
                test $"a damaged file is set aside and the service starts: {name}" {
                    use folder = new Folder()
                    Directory.CreateDirectory(Path.GetDirectoryName folder.File |> string) |> ignore
                    File.WriteAllText(folder.File, text, Encoding.Latin1)
                    let list, log = startEject folder [ "a" ]
                    Expect.equal (names list) [ "a" ] "the settings' list"
                    let line = log.With 2021 |> List.exactlyOne
                    Expect.equal line.Level LogLevel.Warning "a warning"

                    let aside =
                        folder.Beside
                        |> Array.filter (fun name -> (string name).StartsWith "workers.json.damaged-")

                    Expect.hasLength aside 1 "set aside"
                    Expect.equal (File.ReadAllText(line.Values["Aside"], Encoding.Latin1)) text "as it was"
                    Expect.equal (started folder [ "a" ]) [ "a" ] "and a good one is in its place"
                }

            test "an unwritable file is logged, and the list works without it" {
                use folder = new Folder()
                // A folder in the file's place can't be replaced, not even by root.
                Directory.CreateDirectory folder.File |> ignore
                let list, log = startEject folder [ "a" ]
                Expect.equal ((list :> IWorkerList).Add(worker "b")) Added "added"
                Expect.equal (names list) [ "a"; "b" ] "the list"
                Expect.isNonEmpty (log.With 2022) "logged"
            }

            test "a symbolic link beside the file, or in its place, is never written through" {
                use folder = new Folder()
                let victim = folder.File + ".victim"
                Directory.CreateDirectory(Path.GetDirectoryName victim |> string) |> ignore
                File.WriteAllText(victim, "somebody's")
                File.CreateSymbolicLink(folder.File + ".tmp", victim) |> ignore
                let list, _ = startEject folder [ "a" ]
                add list "b"
                Expect.equal (started folder [ "a" ]) [ "a"; "b" ] "the list"
                File.Delete folder.File
                File.CreateSymbolicLink(folder.File, victim) |> ignore
                add list "c"
                Expect.equal (File.ReadAllText victim) "somebody's" "as it was"
                Expect.isNull (FileInfo folder.File).LinkTarget "replaced"

                Expect.equal
                    (Array.sort folder.Beside)
                    [| "workers.json"; "workers.json.tmp"; "workers.json.victim" |]
                    "nothing left behind"
            }

            testTask "after concurrent changes the file has the list" {
                use folder = new Folder()
                let list, _ = startEject folder []

                do!
                    Task.WhenAll
                        [
                            for side in 1..4 ->
                                Task.Run(fun () ->
                                    for index in 1..10 do
                                        add list $"w{side}x{index}"

                                        if index % 3 = 0 then
                                            remove list $"w{side}x{index}")
                        ]

                Expect.hasLength list.Addresses 28 "the list"
                Expect.equal (fst (startEject folder [])).Addresses list.Addresses "the file"
            }

            testProperty "the file reads back as written"
            <| fun (live: byte list) (configured: byte list) ->
                let list = List.map (fun (index: byte) -> worker $"w{index}") >> List.distinct

                let saved: SavedList =
                    {
                        Workers = list live
                        Configured = list configured
                    }

                SavedList.tryRead (SavedList.write saved) = Ok saved
        ]
