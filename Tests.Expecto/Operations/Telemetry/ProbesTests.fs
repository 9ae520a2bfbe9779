/// TCP probes of a worker's port: connections that open and close without a byte.
module Tests.Expecto.Operations.ProbesTests

open System
open System.Net
open System.Net.Http
open System.Net.Sockets
open System.Threading.Tasks
open Expecto
open Tests.Expecto

/// Opens the port and closes it, as Kubernetes' and Docker's TCP probes do; `reset` is how some balancers close.
let private probe (port: int) (reset: bool) =
    task {
        use socket =
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)

        do! socket.ConnectAsync(IPAddress.Loopback, port)

        if reset then
            socket.LingerState <- LingerOption(true, 0)
    }

let private failed (metrics: int) =
    task {
        use client = new HttpClient()
        let! text = client.GetStringAsync $"http://127.0.0.1:{metrics}/metrics"
        return MetricsText.value "recognition_worker_exchanges_total" "outcome=\"failed\"" text
    }

let private silent =
    testTask "a connection without a byte is neither logged nor counted, with and without TLS; a broken one is both" {
        use authority = new Authority("Probes")
        let pair = authority.Sign("worker", Server [ "127.0.0.1" ])
        let secured = [ "--tls-certificate"; pair.Certificate; "--tls-key"; pair.Key ]

        for options, event in [ [], "[204]"; secured, "[214]" ] do
            let port, metrics = Nodes.freePort (), Nodes.freePort ()
            use! worker = Nodes.worker port ([ "--metrics"; string metrics ] @ options)
            // It counts exchanges from then on.
            do! worker.UntilAsync("counting", TimeSpan.FromSeconds 30.0, (fun () -> Nodes.listens metrics))

            for reset in [ false; true; false; true ] do
                do! probe port reset

            use socket = new TcpClient()
            do! socket.ConnectAsync(IPAddress.Loopback, port)
            do! socket.GetStream().WriteAsync(ReadOnlyMemory "GET / HTTP/1.1\r\n"B)
            socket.Close()

            let lines () =
                worker.Lines |> Array.filter _.Contains("warn:")

            do! Programs.logs 20.0 worker (fun () -> lines().Length > 0)

            do! Task.Delay 500
            Expect.equal (lines().Length) 1 $"one warning, of the connection that spoke:\n{worker.Text}"
            Expect.stringContains (lines()[0]) event "the event"
            // A failed handshake is no exchange.
            let expected = Some(if options.IsEmpty then 1.0 else 0.0)

            do!
                Programs.eventually 20.0 (fun () -> "counted likewise") (fun () ->
                    task {
                        let! count = failed metrics
                        return count = expected
                    })
    }

let tests = testList "Probes" [ silent ]
