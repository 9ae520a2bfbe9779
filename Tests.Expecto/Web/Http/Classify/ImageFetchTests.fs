/// Pictures by their address: only from allowed networks, checked after the name was resolved and after each redirect, and
/// bounded.
module Tests.Expecto.Web.ImageFetchTests

open System
open System.IO
open System.Net
open System.Text
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Hosting
open Microsoft.Extensions.Logging
open Tests.Expecto
open global.Transport
open Web.Giraffe

let private daisy =
    lazy File.ReadAllBytes(Path.Combine(Repository.root, "samples", "daisy.png"))

/// Another server on loopback; `run` gets its address.
let private withServer (run: string -> Task) =
    task {
        let builder = WebApplication.CreateSlimBuilder()
        builder.Logging.ClearProviders() |> ignore
        builder.WebHost.UseUrls "http://127.0.0.1:0" |> ignore
        let app = builder.Build()

        let get (path: string) (answer: HttpContext -> Task) =
            app.MapGet(path, RequestDelegate answer) |> ignore

        get "/daisy" (fun context -> context.Response.Body.WriteAsync(daisy.Value).AsTask())
        get "/text" (fun context -> context.Response.WriteAsync "a secret text")

        get "/away" (fun context ->
            context.Response.Redirect(string context.Request.Query["to"])
            Task.CompletedTask)

        get "/round" (fun context ->
            context.Response.Redirect "/round"
            Task.CompletedTask)

        get "/endless" (fun context ->
            task {
                while not context.RequestAborted.IsCancellationRequested do
                    do! context.Response.Body.WriteAsync(Array.zeroCreate<byte> 65_536)
            })

        get "/stalled" (fun context ->
            task {
                do! context.Response.Body.WriteAsync(Array.zeroCreate<byte> 900_000)
                do! Task.Delay(-1, context.RequestAborted)
            })

        get "/silent" (fun context -> Task.Delay(-1, context.RequestAborted))

        do! app.StartAsync()

        try
            do! run (Seq.head app.Urls)
        finally
            app.StopAsync().GetAwaiter().GetResult()
            (app :> IAsyncDisposable).DisposeAsync().AsTask().GetAwaiter().GetResult()
    }

let private fetch (web: WebUnderTest) (address: string) =
    web.Send("POST", "/fetch", [], Some(Http.fields [ "address", address ]))

let private fetched =
    testTask "a picture of an allowed network is fetched, over a redirect too; a text is not shown" {
        use! web =
            WebUnderTest.Start([ "--Http:FetchNetworks=127.0.0.0/8"; "--Upload:MaxBytes=1000000" ], [])

        do!
            withServer (fun other ->
                task {
                    for path in [ "/daisy"; "/away?to=/daisy" ] do
                        let! answer = fetch web (other + path)
                        Expect.equal (Http.status answer, Http.mediaType answer) (200, "image/png") path
                        let! bytes = answer.Content.ReadAsByteArrayAsync()
                        Expect.equal bytes daisy.Value path

                    let! answer = fetch web (other + "/text")
                    Expect.equal (Http.status answer) 415 "no picture"
                    let! text = answer.Content.ReadAsStringAsync()
                    Expect.isFalse (text.Contains "secret") "and no text of the other server"
                })
    }

let private refused =
    testTask "what is elsewhere, redirects elsewhere, too long or not there is refused with a reason" {
        use! web =
            WebUnderTest.Start([ "--Http:FetchNetworks=127.0.0.1"; "--Upload:MaxBytes=1000000" ], [])

        do!
            withServer (fun other ->
                task {
                    let port = Uri(other).Port

                    for address, status in
                        [
                            "no address", 400
                            "ftp://127.0.0.1/x.png", 400
                            "file:///etc/passwd", 400
                            other + "/away?to=file:///etc/passwd", 400
                            other + "/away?to=http://169.254.169.254/latest/meta-data/", 403
                            other + $"/away?to=http://127.0.0.2:{port}/daisy", 403
                            other + $"/away?to=http://[::ffff:169.254.169.254]:{port}/", 403
                            "http://169.254.169.254/latest/meta-data/", 403
                            "http://10.0.0.1/x.png", 403
                            "http://192.168.1.1/x.png", 403
                            "http://[::1]/x.png", 403
                            "http://0.0.0.0/x.png", 403
                            for target in [ "//:80/"; "//a b/"; "//[zz]/" ] do
                                other + "/away?to=" + Uri.EscapeDataString target, 400

                            other + "/nowhere", 502
                            other + "/round", 502
                            other + "/endless", 413
                        ] do
                        let! answer = fetch web address
                        Expect.equal (Http.status answer) status address
                        Expect.equal (Http.mediaType answer) "application/problem+json" address

                    let! answer = fetch web (other + $"/away?to=http://127.0.0.2:{port}/daisy")
                    let! text = Http.text answer
                    Expect.stringContains text "fetch from 127.0.0.2" "the host that is not allowed"
                })
    }

let private memory =
    testTask "fetched bytes count against the memory for pictures" {
        use! web =
            WebUnderTest.Start(
                [
                    "--Http:FetchNetworks=127.0.0.0/8"
                    "--Upload:MaxBytes=1000000"
                    "--Upload:MaxRequest=2000000"
                    "--Upload:MaxBuffered=1048576"
                ],
                []
            )

        do!
            withServer (fun other ->
                task {
                    let! answers = Task.WhenAll [ for _ in 1..3 -> fetch web (other + "/stalled") ]

                    Expect.contains (answers |> Array.map Http.status) 503 "there is room for one of them"

                    let! answer = fetch web (other + "/daisy")
                    Expect.equal (Http.status answer) 200 "the room is given back"
                })
    }

let private slow =
    testTask "a server that does not answer is given up" {
        do!
            withServer (fun other ->
                task {
                    let loopback =
                        {
                            IsPublicAllowed = false
                            Networks = [ IPNetwork.Parse "127.0.0.0/8" ]
                        }

                    use fetcher = new ImageFetcher(loopback, 1000, TimeSpan.FromSeconds 0.5)

                    let budget = ByteBudget(1L <<< 20, 1L <<< 20, TimeProvider.System)
                    use lease = new UploadLease(budget.Open IPAddress.Loopback)

                    match! fetcher.Fetch(other + "/silent", lease, System.Threading.CancellationToken.None) with
                    | Error fault -> Expect.equal fault FetchFault.TooSlow "too slow"
                    | Ok _ -> failtest "fetched"
                })
    }

let private off =
    testTask "by default there is neither the field nor the address" {
        use! web = WebUnderTest.Start([], [])
        let! home = web.Send("GET", "/")
        let! text = home.Content.ReadAsStringAsync()
        Expect.isFalse (text.Contains "by-address") "no field"
        let! answer = fetch web "http://127.0.0.1/"
        Expect.equal (Http.status answer) 404 "not found"
    }

let private foreign =
    testTask "another site's page can't make the node fetch" {
        use! web = WebUnderTest.Start([ "--Http:FetchNetworks=127.0.0.1" ], [])

        let! answer =
            web.Send(
                "POST",
                "/fetch",
                [ "Origin", "https://elsewhere.test"; "Sec-Fetch-Site", "cross-site" ],
                Some(Http.fields [ "address", "http://127.0.0.1/" ])
            )

        Expect.equal (Http.status answer) 403 "refused"
    }

let private publicAddresses =
    testCase "public addresses are those that the whole internet reaches"
    <| fun () ->
        for text, expected in
            [
                "93.184.216.34", true
                "2606:2800:220:1::1", true
                "100.64.0.1", false
                "172.31.255.255", false
                "192.0.2.1", false
                "198.18.0.1", false
                "240.0.0.1", false
                "fd00::1", false
                "fe80::1", false
                "2001:db8::1", false
                "64:ff9b::a9fe:a9fe", false
                "2002:7f00:1::1", false
                "::ffff:10.0.0.1", false
                "168.63.129.16", false
            ] do
            Expect.equal (FetchNetworks.isPublic (IPAddress.Parse text)) expected text

let tests =
    testList "Pictures by address" [ fetched; refused; memory; slow; off; foreign; publicAddresses ]
