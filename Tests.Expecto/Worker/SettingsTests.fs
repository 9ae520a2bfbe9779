module Tests.Expecto.Worker.SettingsTests

open System
open System.Collections.Generic
open Expecto
open Microsoft.Extensions.Configuration
open Worker.Settings

let private read (given: (string * string) list) =
    let values =
        Map.ofList ([ "Host", "127.0.0.1"; "Port", "8888" ] @ given)
        |> Seq.map (fun pair -> KeyValuePair<string, string | null>("Worker:" + pair.Key, pair.Value))

    WorkerSettings.Read(ConfigurationBuilder().AddInMemoryCollection(values).Build())

let tests =
    testList
        "Settings"
        [
            test "without options the defaults apply" {
                let settings = read [] |> Outcomes.value
                Expect.equal settings.Model "squeezenet1_1" "model"
                Expect.equal settings.Recognizer.Executors Environment.ProcessorCount "cores"
                Expect.equal settings.Exchange.Limits Protocol.Core.Limits.Standard "limits"
                Expect.equal settings.Exchange.Deadline (TimeSpan.FromSeconds 10.0) "deadline"
                Expect.equal settings.Exchange.DeliveryDelay (TimeSpan.FromMilliseconds 20.0) "settle"
                Expect.isEmpty settings.ModelPaths.Mirrors "mirrors"
            }

            test "options are read from every source" {
                let separator = string IO.Path.PathSeparator

                let settings =
                    read
                        [
                            "Cores", "3"
                            "Deadline", "1.5"
                            "Mirror", "/a" + separator + " /b"
                            "Offline", "true"
                            "MaxPayload", "1000"
                            "TlsCertificate", "worker.pem"
                            "TlsClientCa", "ca.pem"
                            "PlainPort", "8887"
                        ]
                    |> Outcomes.value

                Expect.equal settings.Recognizer.Executors 3 "cores"
                Expect.equal settings.Exchange.Deadline (TimeSpan.FromSeconds 1.5) "deadline"
                Expect.sequenceEqual settings.ModelPaths.Mirrors [ "/a"; "/b" ] "mirrors"
                Expect.isTrue settings.ModelPaths.Offline "offline"
                Expect.equal settings.Exchange.Limits.MaxPayload 1000 "payload"
                Expect.equal settings.Tls (TlsFiles("worker.pem", null, "ca.pem")) "TLS"
                Expect.equal settings.PlainPort (Nullable 8887) "plain port"
            }

            test "every invalid value is refused with its option and key" {
                for key, option, values in
                    [
                        "Port", "PORT", [ "-1"; "65536"; "x"; "1.5"; "" ]
                        "Host", "HOST", [ ""; " " ]
                        "Cores", "--cores", [ "0"; "many"; "99999" ]
                        "Queue", "--queue", [ "0" ]
                        "Connections", "--connections", [ "0" ]
                        "MaxPayload", "--max-payload", [ "3"; "9999999999" ]
                        "MaxPixels", "--max-pixels", [ "0" ]
                        "DecodeTime", "--decode-time", [ "0"; "-1" ]
                        "Deadline", "--deadline", [ "0"; "-1"; "1,5"; "NaN"; "soon" ]
                        "Silence", "--silence", [ "0" ]
                        "Settle", "--settle", [ "-1"; "1001" ]
                        "Drain", "--drain", [ "-1" ]
                        "Offline", "--offline", [ "maybe" ]
                        // Each of them means something beside a certificate alone.
                        "TlsKey", "--tls-key", [ "key.pem" ]
                        "TlsClientCa", "--tls-client-ca", [ "ca.pem" ]
                        "PlainPort", "--plain-port", [ "8887"; "-1" ]
                    ] do
                    for value in values do
                        let reason = read [ key, value ] |> Outcomes.reason
                        Expect.stringStarts reason $"{option} (Worker:{key}): " $"'{value}'"
                        Expect.isFalse (reason.Contains '\n') "one line"
            }

            test "all errors are listed, unknown names with the nearest known one" {
                let reason = read [ "Cores", "0"; "Corse", "3"; "Queue", "x" ] |> Outcomes.reason

                Expect.equal
                    (reason.Split Environment.NewLine)
                    [|
                        "Worker:Corse is not a setting. Did you mean Worker:Cores?"
                        "--cores (Worker:Cores): must be a whole number from 1 to 1024, not '0'."
                        "--queue (Worker:Queue): must be a whole number from 1 to 1000000, not 'x'."
                    |]
                    "three lines"
            }
        ]
