/// Pictures by their address: only from allowed networks, checked after the name was resolved and after each redirect, and
/// bounded.
module Tests.Expecto.Web.ImageFetchTests

open System
open System.IO
open System.Net
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Hosting
open Microsoft.Extensions.Logging
open Tests.Expecto
open Node.Hosting
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private daisy =
    lazy File.ReadAllBytes(Path.Combine(Repository.root, "samples", "daisy.png"))

/// Another server on loopback.
let private otherServer () =
    task {
        let builder = WebApplication.CreateSlimBuilder()
        builder.Logging.ClearProviders() |> ignore
        builder.WebHost.UseUrls "http://127.0.0.1:0" |> ignore
        let app = builder.Build()

        let get (path: string) (answer: HttpContext -> Task) =
            app.MapGet(path, RequestDelegate answer) |> ignore

        let redirects path (target: HttpContext -> string) =
            get path (fun context ->
                context.Response.Redirect(target context)
                Task.CompletedTask)

        get "/daisy" (fun context -> context.Response.Body.WriteAsync(daisy.Value).AsTask())
        get "/text" (fun context -> context.Response.WriteAsync "a secret text")
        redirects "/away" (fun context -> string context.Request.Query["to"])
        redirects "/round" (fun _ -> "/round")

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
        return app
    }

let private fetch (web: WebUnderTest) (address: string) =
    web.Send("POST", "/fetch", [], Some(Http.fields [ "address", address ]))

let private fetched =
    testTask "a picture of an allowed network is fetched, over a redirect too; a text is not shown" {
        use! web =
            WebUnderTest.Start([ "--Http:FetchNetworks=127.0.0.0/8"; "--Upload:MaxBytes=1000000" ], [])

        use! server = otherServer ()
        let other = Seq.head server.Urls

        for path in [ "/daisy"; "/away?to=/daisy" ] do
            let! answer = fetch web (other + path)
            Expect.equal (Http.status answer, Http.mediaType answer) (200, "image/png") path
            let! bytes = answer.Content.ReadAsByteArrayAsync()
            Expect.equal bytes daisy.Value path

        let! text = Http.textWith 415 "no picture" (fetch web (other + "/text"))
        Expect.isFalse (text.Contains "secret") "and no text of the other server"
    }

let private refused =
    testTask "a picture that is elsewhere, redirected elsewhere, too long or missing is refused with a reason" {
        use! web =
            WebUnderTest.Start([ "--Http:FetchNetworks=127.0.0.1"; "--Upload:MaxBytes=1000000" ], [])

        use! server = otherServer ()
        let other = Seq.head server.Urls
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
            Expect.equal (Http.status answer, Http.mediaType answer) (status, "application/problem+json") address

        do! Http.returns 400 "no form" (send web "/fetch" "application/json" "{}"B)

        let! text =
            fetch web (other + $"/away?to=http://127.0.0.2:{port}/daisy") |> Http.textOf

        Expect.stringContains text "fetch from 127.0.0.2" "the host that is not allowed"
    }

let private memory =
    testTask "fetched bytes count against the memory for pictures" {
        let options =
            [
                "--Http:FetchNetworks=127.0.0.0/8"
                "--Upload:MaxBytes=1000000"
                "--Upload:MaxRequest=2000000"
                "--Upload:MaxBuffered=1048576"
            ]

        use! web = WebUnderTest.Start(options, [])
        use! server = otherServer ()
        let other = Seq.head server.Urls
        let! answers = Task.WhenAll [ for _ in 1..3 -> fetch web (other + "/stalled") ]
        Expect.contains (answers |> Array.map Http.status) 503 "there is room for one of them"
        do! Http.returns 200 "the room is given back" (fetch web (other + "/daisy"))
    }

let private slow =
    testTask "a server that does not answer is given up" {
        use! server = otherServer ()

        let loopback =
            {
                IsPublicAllowed = false
                Networks = [ IPNetwork.Parse "127.0.0.0/8" ]
            }

        use fetcher = new ImageFetcher(loopback, 1000, TimeSpan.FromSeconds 0.5)
        let budget = ByteBudget(1L <<< 20, 1L <<< 20, TimeProvider.System)
        use lease = new UploadLease(budget.Open IPAddress.Loopback)

        let! result =
            fetcher.Fetch(Seq.head server.Urls + "/silent", lease, System.Threading.CancellationToken.None)

        match result with
        | Error fault -> Expect.equal fault FetchFault.TooSlow "too slow"
        | Ok _ -> failtest "fetched"
    }

let private off =
    testTask "by default there is neither the field nor the address" {
        use! web = WebUnderTest.Start []
        let! home = web.Send("GET", "/")
        let! text = home.Content.ReadAsStringAsync()
        Expect.isFalse (text.Contains "by-address") "no field"
        do! Http.returns 404 "not found" (fetch web "http://127.0.0.1/")
    }

let private foreign =
    testTask "another site's page can't make the node fetch" {
        use! web = WebUnderTest.Start([ "--Http:FetchNetworks=127.0.0.1" ], [])

        do!
            web.Send(
                "POST",
                "/fetch",
                [ "Origin", "https://elsewhere.test"; "Sec-Fetch-Site", "cross-site" ],
                Some(Http.fields [ "address", "http://127.0.0.1/" ])
            )
            |> Http.returns 403 "refused"
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
