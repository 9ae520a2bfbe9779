module Tests.Expecto.Worker.WorkerProcessTests

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker

/// Exit code and the error stream of a worker that can't start.
let private refused arguments =
    use worker = WorkerProcess.start arguments
    let error = worker.StandardError.ReadToEnd()
    worker.StandardOutput.ReadToEnd() |> ignore
    Expect.isTrue (worker.WaitForExit 30_000) "it ends"
    worker.ExitCode, error.Trim()

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
            test "the worker answers, and ends with exit code 0 on SIGTERM" {
                use worker = WorkerProcess.start [ "127.0.0.1"; "0"; "--cores"; "1" ]

                try
                    let port = WorkerProcess.waitReady worker.StandardOutput
                    use image = Pictures.scene 320 240
                    let _, _, result = OldPeer.ask port (Pictures.jpeg image)
                    Expect.isTrue (result.StartsWith "D ") result

                    // The port is taken now, and says so.
                    let code, error = refused [ "127.0.0.1"; string port ]
                    Expect.equal code 1 "a taken port"
                    Expect.equal error $"PORT: port {port} on 127.0.0.1 is taken by another program" "one line"

                    use kill = Process.Start("kill", [ "-TERM"; string worker.Id ])
                    Expect.isTrue (worker.WaitForExit 15_000) "it ends"
                    Expect.equal worker.ExitCode 0 "with 0"
                    Expect.equal (worker.StandardError.ReadToEnd()) "" "without a word of error"
                finally
                    if not worker.HasExited then
                        worker.Kill()
            }

            test "a model that is being loaded does not keep it from ending in time" {
                use catalog = new ModelFolders.Catalog()

                use worker =
                    WorkerProcess.start [ "127.0.0.1"; "0"; "--cores"; "1"; "--models"; catalog.Root; "--drain"; "2" ]

                try
                    WorkerProcess.waitReady worker.StandardOutput |> ignore

                    // Opening a named pipe ends when someone writes to it, and no sooner: as native code that is busy.
                    let pipe = Path.Combine(catalog.Folder "slow", "model.json")
                    use made = Process.Start("mkfifo", pipe)
                    made.WaitForExit()

                    Expect.isTrue
                        (SpinWait.SpinUntil((fun () -> isOpening worker.Id), TimeSpan.FromSeconds 60.0))
                        "the load has begun"

                    use kill = Process.Start("kill", [ "-TERM"; string worker.Id ])
                    Expect.isTrue (worker.WaitForExit 60_000) "it ends"
                    Expect.equal worker.ExitCode 0 "with 0"
                finally
                    if not worker.HasExited then
                        worker.Kill()
            }

            test "an error at the start is one line on the error stream" {
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
                    let got, error = refused arguments
                    Expect.equal got code $"{arguments}"
                    Expect.stringContains error line $"{arguments}"
                    Expect.isFalse (error.Contains '\n') $"one line: {error}"
            }
        ]
