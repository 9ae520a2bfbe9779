/// The node as a program: its command line, its options, its health, its end.
module Tests.Expecto.Web.NodeTests

open System
open System.Net
open System.Net.Sockets
open Expecto
open Web.Giraffe

/// Returns the program's exit code and its error output.
let private says (run: unit -> int) =
    let before = Console.Error
    use writer = new IO.StringWriter()
    Console.SetError writer

    try
        let code = run ()
        code, writer.ToString()
    finally
        Console.SetError before

let private commandLine =
    let parses arguments expected =
        test (String.concat " " ("the line" :: arguments)) {
            let mutable given = []

            let code =
                CommandLine.invoke (Array.ofList arguments) (fun values ->
                    given <- [ for pair in values -> pair.Key, string pair.Value ]
                    0)

            Expect.equal code 0 "runs"
            Expect.equal (List.sort given) (List.sort expected) "as configuration"
        }

    let wrong arguments (expected: string) =
        test (String.concat " " ("the wrong line" :: arguments)) {
            let code, said =
                says (fun () -> CommandLine.invoke (Array.ofList arguments) (fun _ -> failtest "it ran"))

            Expect.equal code 2 "exit code"
            Expect.equal (said.TrimEnd()) expected "one line"
        }

    testSequencedGroup
        "console"
        (testList
            "command line"
            [
                parses [] []
                parses [ "--port"; "80" ] [ "Http:Port", "80" ]
                parses [ "--port=80"; "--Upload:MaxBytes"; "5" ] [ "Http:Port", "80"; "Upload:MaxBytes", "5" ]
                parses [ "--upload:maxbytes=5"; "--registry:path=" ] [ "Upload:MaxBytes", "5"; "Registry:Path", "" ]
                parses [ "--worker"; "a:1"; "--port"; "0"; "--worker=b:2" ] [ "Http:Port", "0"; "Workers", "a:1,b:2" ]
                parses [ "--Admin:Token=a=b" ] [ "Admin:Token", "a=b" ]
                parses [ "--port"; "80"; "--port"; "81" ] [ "Http:Port", "81" ]
                parses [ "--Admin:TrustLoopback"; "true" ] [ "Admin:TrustLoopback", "true" ]
                parses [ "--Admin:TrustLoopback=yes" ] [ "Admin:TrustLoopback", "yes" ]
                parses [ "--Admin:TrustLoopback"; "--port=1" ] [ "Admin:TrustLoopback", "true"; "Http:Port", "1" ]
                parses
                    [ "--Logging:LogLevel:Default=None"; "--Logging:LogLevel:X"; "Debug" ]
                    [ "Logging:LogLevel:Default", "None"; "Logging:LogLevel:X", "Debug" ]
                wrong [ "--port" ] "--port needs a value. --help lists the options."
                wrong [ "9999" ] "'9999' is not an option. --help lists the options."
                wrong [ "--prot"; "80" ] "There is no option --prot. Did you mean --port?"
                wrong [ "--Uplaod:MaxBytes=1" ] "There is no option --Uplaod:MaxBytes. Did you mean --Upload:MaxBytes?"
                wrong [ "--nonsense-of-mine=1" ] "There is no option --nonsense-of-mine. --help lists the options."
            ])

let private settings =
    let read pairs =
        GivenSettings.read pairs |> Result.map _.Web

    let wrong key value =
        test $"{key}={value} is refused by name" {
            match read [ key, value ] with
            | Error [ message ] -> Expect.stringStarts message key "names the option"
            | other -> failtest $"{other}"
        }

    testList
        "options"
        [
            test "without options the defaults apply" {
                match read [] with
                | Ok settings ->
                    Expect.equal settings.Port 9999 "port"
                    Expect.equal settings.MaxUpload (20 * 1024 * 1024) "20 MiB"
                    Expect.equal settings.AdminToken None "no token"
                | Error wrong -> failtest $"{wrong}"
            }
            wrong "Http:Port" "70000"
            wrong "Http:Port" "-1"
            wrong "Http:Port" "http"
            wrong "Http:Address" "example.com"
            wrong "Http:Prot" "80"
            wrong "Upload:MaxBytes" "0"
            wrong "Upload:MaxBytes" "99999999999"
            wrong "Admin:Token" " "
            wrong "Admin:Tokens" "x"
            wrong "Admin:TokenFile" " "
            wrong "Admin:TrustLoopback" "yes"
            wrong "Http:TrustedProxies" "proxy.example.com"
            test "two tokens from two places are refused" {
                match read [ "Admin:Token", "a"; "Admin:TokenFile", "b" ] with
                | Error [ message ] -> Expect.stringContains message "both set" "named"
                | other -> failtest $"{other}"
            }
            test "the default token file lies beside the list of workers" {
                for path, expected in
                    [
                        "", "admin-token"
                        "workers.json", "admin-token"
                        "/var/lib/x/workers.json", "/var/lib/x/admin-token"
                    ] do
                    match read [ "Registry:Path", path ] with
                    | Ok settings -> Expect.equal settings.DefaultTokenFile expected path
                    | Error wrong -> failtest $"{wrong}"
            }
            test "a proxy on loopback and trust in loopback exclude each other" {
                for proxy in [ "127.0.0.1"; "::1"; "127.0.0.0/8"; "0.0.0.0/0" ] do
                    match read [ "Admin:TrustLoopback", "true"; "Http:TrustedProxies", proxy ] with
                    | Error [ message ] -> Expect.stringStarts message "Admin:TrustLoopback" proxy
                    | other -> failtest $"{proxy}: {other}"

                Expect.isOk (read [ "Admin:TrustLoopback", "true"; "Http:TrustedProxies", "10.0.0.1" ]) "elsewhere"
            }
            test "all errors are reported at once" {
                match read [ "Http:Port", "x"; "Upload:MaxBytes", "x"; "Admin:Token", "" ] with
                | Error messages -> Expect.hasLength messages 3 "three"
                | Ok _ -> failtest "taken"
            }
        ]

let private run (arguments: string list) =
    says (fun () ->
        WebNode.run (Array.ofList arguments) (fun settings builder -> WorkerServices.add settings builder.Services))

let private failures =
    testSequencedGroup
        "console"
        (testList
            "failures"
            [
                for title, options, option in
                    [
                        "a port in use is one clear line and exit code 1",
                        (fun (port: int) -> [ $"--port={port}"; "--Admin:TrustLoopback=true" ]),
                        "--port"
                        "a metrics port in use is reported with its option",
                        (fun port -> [ "--port=0"; $"--Metrics:Port={port}"; "--Metrics:Address=127.0.0.1" ]),
                        "Metrics:Port"
                    ] do
                    test title {
                        use taken = new TcpListener(IPAddress.Loopback, 0)
                        taken.Start()
                        let port = (taken.LocalEndpoint :?> IPEndPoint).Port

                        let quiet =
                            [
                                "--Http:Address=127.0.0.1"
                                "--Registry:Path="
                                "--Logging:LogLevel:Default=None"
                            ]

                        let code, said = run (options port @ quiet)
                        Expect.equal code 1 "exit code"
                        let line = $"Port {port} is in use: choose another one with {option}."
                        Expect.equal said (line + Environment.NewLine) "one line"
                    }

                test "ports that are the same are refused with their options" {
                    let code, said =
                        run
                            [
                                "--port=0"
                                "--Metrics:Port=8123"
                                "--Http:GrpcPort=8123"
                                "--Registry:Path="
                            ]

                    Expect.equal code 2 "exit code"
                    Expect.stringContains said "Metrics:Port and Http:GrpcPort are both 8123" "which"
                }

                test "invalid options are a line each and exit code 2" {
                    let code, said = run [ "--port=99999"; "--worker=nonsense" ]
                    Expect.equal code 2 "exit code"
                    Expect.stringContains said "Http:Port" "the one"
                    Expect.stringContains said "--worker" "the other"
                }
            ])

let tests = testList "Node" [ commandLine; settings; failures ]
