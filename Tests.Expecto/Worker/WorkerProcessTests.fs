module Tests.Expecto.Worker.WorkerProcessTests

open System
open System.IO
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto

/// The exit code and the errors of a worker that can't start.
let private refused arguments =
    task {
        use worker = Node.Start("worker", Nodes.program "Worker.Cs", arguments, [])
        let! code = worker.EndedAsync(TimeSpan.FromSeconds 30.0)
        return code, worker.Errors
    }

/// Whether a thread of a process has been waiting in the system call openat.
let private isOpening (id: int) =
    let number =
        if RuntimeInformation.ProcessArchitecture = Architecture.X64 then
            "257 "
        else
            "56 "

    let opening () =
        Directory.GetDirectories $"/proc/{id}/task"
        |> Array.filter (fun thread -> (File.ReadAllText(Path.Combine(thread, "syscall"))).StartsWith number)
        |> Set.ofArray

    let first = opening ()
    Thread.Sleep 100
    not (Set.isEmpty (Set.intersect first (opening ())))

let tests =
    testList
        "Worker process"
        [
            testTask "the worker answers, and ends with exit code 0 on SIGTERM" {
                let port = Nodes.freePort ()
                use! worker = Nodes.worker port [ "--cores"; "1" ]
                use image = Pictures.scene 320 240
                let _, _, result = OldPeer.ask port (Pictures.jpeg image)
                Expect.stringStarts result "D " "the result"

                // The port is taken now.
                let! code, errors = refused [ "127.0.0.1"; string port ]
                Expect.equal code 1 "a taken port"
                Expect.equal errors [| $"PORT: port {port} on 127.0.0.1 is taken by another program" |] "one line"

                worker.Send Signal.Terminate
                let! code = worker.EndedAsync(TimeSpan.FromSeconds 15.0)
                Expect.equal code 0 "it ends with 0"
                Expect.isEmpty worker.Errors "without a word of error"
            }

            testTask "a model that is being loaded does not keep it from ending in time" {
                use catalog = new ModelFolders.Catalog()

                use! worker =
                    Nodes.worker (Nodes.freePort ()) [ "--cores"; "1"; "--models"; catalog.Root; "--drain"; "2" ]

                // Opening a named pipe ends when someone writes to it, and no sooner: as native code that is busy.
                let pipe = Path.Combine(catalog.Folder "slow", "model.json")
                let! _ = Programs.run "mkfifo" [ pipe ] ""

                do!
                    worker.UntilAsync(
                        "loading",
                        TimeSpan.FromSeconds 60.0,
                        fun () -> Task.FromResult(isOpening worker.Id)
                    )

                worker.Send Signal.Terminate
                let! code = worker.EndedAsync(TimeSpan.FromSeconds 60.0)
                Expect.equal code 0 "it ends with 0"
            }

            testTask "an error at the start is one line on the error stream" {
                for arguments, code, line in
                    [
                        [ "--port"; "1" ], 2, "There is no option --port. Did you mean PORT?"
                        [ "127.0.0.1" ], 2, "PORT (Worker:Port): is missing"
                        [ "127.0.0.1"; "70000" ],
                        2,
                        "PORT (Worker:Port): must be a whole number from 0 to 65535, not '70000'."
                        [ "127.0.0.1"; "0"; "--cores"; "none" ],
                        2,
                        "--cores (Worker:Cores): must be a whole number from 1 to 1024, not 'none'."
                        [ "127.0.0.1"; "0"; "--model"; "nothing" ], 1, "no model 'nothing'"
                        [ "192.0.2.1"; "0" ], 1, "HOST: 192.0.2.1 is not an address of this machine"
                        [ "127.0.0.1"; "0"; "--coers"; "1" ], 2, "There is no option --coers. Did you mean --cores?"
                        [ "127.0.0.1"; "0"; "--tls-certificate"; "no/such.pem" ], 2, "--tls-certificate: no/such.pem: "
                    ] do
                    let! got, errors = refused arguments
                    Expect.equal got code $"{arguments}"
                    Expect.hasLength errors 1 $"{arguments}"
                    Expect.stringContains errors[0] line $"{arguments}"
            }
        ]
