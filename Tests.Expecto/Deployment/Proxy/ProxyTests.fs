/// A web node behind Debian's nginx, as an operator sets it up in a minute, and by deploy/proxy/nginx.conf.
module Tests.Expecto.Deployment.ProxyTests

open System
open System.IO
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Expecto
open Grpc.Core
open Grpc.Health.V1
open Grpc.Net.Client
open OpenInference.Grpc
open Tests.Expecto
open Tests.Expecto.Web.GrpcUnderTest

let private token = "a-token-of-the-proxy-tests-0123456789"

let private tokenFile () =
    let file =
        Path.Combine(Repository.artifacts "uploads", $"proxy-{Guid.NewGuid():N}.token")

    File.WriteAllText(file, token)
    file

let private client (address: string) =
    // The certificate is the test's own.
    let handler =
        new HttpClientHandler(
            ServerCertificateCustomValidationCallback = (fun _ _ _ _ -> true),
            UseProxy = false,
            UseCookies = false
        )

    new HttpClient(handler, BaseAddress = Uri address)

let private status (client: HttpClient) (method: string) (path: string) (headers: (string * string) list) =
    task {
        use request = new HttpRequestMessage(HttpMethod method, path)

        for name, value in headers do
            request.Headers.TryAddWithoutValidation(name, value) |> ignore

        if method = "POST" then
            request.Content <- new FormUrlEncodedContent(dict [ "action", "add"; "address", "127.0.0.1:7" ])

        use! answer = client.SendAsync request
        return int answer.StatusCode
    }

let private bearer = "Authorization", $"Bearer {token}"

let private administration =
    [
        "GET", "/workers"
        "GET", "/api/workers"
        "GET", "/metrics"
        "GET", "/add/127.0.0.1:7"
        "GET", "/del/127.0.0.1:7"
        "POST", "/workers"
        "PUT", "/api/workers/127.0.0.1:7"
        "DELETE", "/api/workers/127.0.0.1:7"
    ]

/// A stranger's requests, with headers that make them look local.
let private strangers (client: HttpClient) =
    task {
        for method, path in administration do
            for headers in
                [
                    []
                    [ "Host", "localhost" ]
                    [ "Host", "127.0.0.1:9999"; "X-Forwarded-For", "127.0.0.1" ]
                    [ "Sec-Fetch-Site", "none" ]
                    [ "Authorization", "Bearer wrong" ]
                ] do
                let! status = status client method path headers
                Expect.isTrue (status = 401 || status = 429 || status = 403) $"{method} {path} {headers}: {status}"

        let! listed = status client "GET" "/api/workers" [ bearer ]
        Expect.equal listed 200 "the administrator, after all the wrong tokens"
    }

let private plain =
    testTask "behind nginx's plain proxy_pass only the token makes an administrator" {
        use! web =
            Nodes.web [] [ $"--Admin:TokenFile={tokenFile ()}"; "--Http:Address=127.0.0.1" ]

        let port = Nodes.freePort ()

        use! _nginx =
            Nginx.Start(
                port,
                $"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{web.Port}; }} }}"
            )

        use client = client $"http://127.0.0.1:{port}"
        let! home = status client "GET" "/" []
        Expect.equal home 200 "the upload page is for all"
        do! strangers client
        let! added = status client "GET" "/add/127.0.0.1:7" [ bearer ]
        Expect.equal added 201 "by the token"
        let! removed = status client "DELETE" "/api/workers/127.0.0.1:7" [ bearer ]
        Expect.equal removed 200 "by the token"
    }

/// The reference configuration with this test's ports and certificate in place of an operator's.
let private reference (authority: Authority) (port: int) (node: int) (grpc: int) =
    let pair = authority.Sign("proxy", Server [ "localhost"; "127.0.0.1" ])

    [
        "server 127.0.0.1:9999;", $"server 127.0.0.1:{node};"
        "server 127.0.0.1:8001;", $"server 127.0.0.1:{grpc};"
        "listen 443 ssl http2;", $"listen 127.0.0.1:{port} ssl http2;"
        "listen [::]:443 ssl http2;", ""
        "/etc/ssl/recognition/fullchain.pem", pair.Certificate
        "/etc/ssl/recognition/privkey.pem", pair.Key
    ]
    |> List.fold
        (fun (text: string) (theirs, ours) ->
            Expect.stringContains text theirs "it is in there"
            text.Replace(theirs, ours))
        (File.ReadAllText(Path.Combine(Repository.root, "deploy", "proxy", "nginx.conf")))

let private byReference =
    testTask
        "behind the reference configuration only the token makes an administrator, and the log has the client's address" {
        use! web =
            Nodes.web
                []
                [
                    $"--Admin:TokenFile={tokenFile ()}"
                    "--Http:Address=127.0.0.1"
                    "--Http:TrustedProxies=127.0.0.1"
                ]

        let port = Nodes.freePort ()
        use authority = new Authority "the proxy's"
        use! _nginx = Nginx.Start(port, reference authority port web.Port 9)
        use client = client $"https://127.0.0.1:{port}"
        do! strangers client
        // The browser's own page, whose origin the proxy passes on.
        let! added =
            status client "POST" "/workers" [ bearer; "Origin", $"https://127.0.0.1:{port}" ]

        Expect.equal added 200 "the form"

        let! foreign =
            status client "POST" "/workers" [ bearer; "Origin", "https://evil.example" ]

        Expect.equal foreign 403 "another page"
        // Claimed by the client, and dropped by the proxy.
        let! _ = status client "GET" "/api/workers" [ "X-Forwarded-For", "203.0.113.77" ]

        let isLogged () =
            Task.FromResult(web.Node.Text.Contains "/api/workers by 127.0.0.1")

        do! Programs.eventually 10.0 (fun () -> web.Node.Text) isLogged
        Expect.isFalse (web.Node.Text.Contains "203.0.113.77") "not what the client claims"
    }

let private trusting =
    testTask "a node that trusts loopback still refuses administration through the reference configuration" {
        use! web = Nodes.web [] [ "--Http:Address=127.0.0.1" ]
        let port = Nodes.freePort ()
        use authority = new Authority "the proxy's"
        use! _nginx = Nginx.Start(port, reference authority port web.Port 9)
        use client = client $"https://localhost:{port}"

        for method, path in administration do
            let! status = status client method path [ "X-Forwarded-For", "127.0.0.1" ]
            Expect.equal status 403 $"{method} {path}"
    }

let private overGrpc =
    testTask "gRPC through the reference configuration: a picture, a stream, health, and no administration" {
        let worker, grpc, port = Nodes.freePort (), Nodes.freePort (), Nodes.freePort ()
        use! _ = Nodes.worker worker []

        use! web =
            Nodes.web
                [ worker ]
                [
                    $"--Admin:TokenFile={tokenFile ()}"
                    "--Http:Address=127.0.0.1"
                    "--Http:TrustedProxies=127.0.0.1"
                    $"--Http:GrpcPort={grpc}"
                ]

        use authority = new Authority "the proxy's"
        use! _nginx = Nginx.Start(port, reference authority port web.Port grpc)

        let handler = new SocketsHttpHandler(UseProxy = false)
        handler.SslOptions.RemoteCertificateValidationCallback <- (fun _ _ _ _ -> true)

        use channel =
            GrpcChannel.ForAddress(
                $"https://127.0.0.1:{port}",
                GrpcChannelOptions(HttpHandler = handler, DisposeHttpClient = true)
            )

        let client = Client channel
        let dog = Repository.photograph "dog.jpg"
        let! answer = client.ModelInferAsync(typed [ dog ] |> asking [ "label", None ])
        Expect.equal (answer.Outputs[0].Contents.BytesContents[0].ToStringUtf8()) "Samoyed" "the picture's class"

        use call = client.ModelStreamInfer()

        for number in 1..3 do
            do! call.RequestStream.WriteAsync(raw [ dog ] |> asking [ "label", None ])
            let! _ = call.ResponseStream.MoveNext CancellationToken.None
            Expect.equal call.ResponseStream.Current.ErrorMessage "" $"answer {number}, before the next request"

        do! call.RequestStream.CompleteAsync()

        let! health = (Health.HealthClient channel).CheckAsync(HealthCheckRequest())

        Expect.equal health.Status HealthCheckResponse.Types.ServingStatus.Serving "health"

        let load =
            client.RepositoryModelLoadAsync(RepositoryModelLoadRequest(ModelName = "squeezenet1_1"))

        do! fails StatusCode.Unauthenticated "" "administration" load.ResponseAsync
    }

let tests = testList "Reverse proxy" [ plain; byReference; trusting; overGrpc ]
