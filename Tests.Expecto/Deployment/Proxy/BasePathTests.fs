/// A web node below /app/ behind Debian's nginx, and a page of another origin, in a real browser.
module Tests.Expecto.Deployment.BasePathTests

open System.IO
open System.Net
open System.Net.Http
open Expecto
open Microsoft.AspNetCore.Http
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser

/// Uses the pages below /app/. Every request to another path would be refused by nginx.
let private tour (port: int) =
    visit port desktop (fun tab ->
        task {
            let main = tab.Page.Locator "main"
            do! tab.Goto "/app/"
            do! give tab (sample "daisy")
            do! shows (only tab) "daisy"
            do! tab.Goto "/app/workers"
            do! shows main "127.0.0.1:"
            do! tab.Goto "/app/docs"
            do! shows main "/api/classify"
            clean tab
        })

let private behind name (options: int -> string list) (location: int -> string) =
    testTask name {
        let workerPort = Nodes.freePort ()
        let token = "a-token-of-the-base-path-tests-0123456789"
        use! _ = Nodes.worker workerPort []

        use! web =
            Nodes.web [ workerPort ] ([ "--Http:Address=127.0.0.1"; $"--Admin:Token={token}" ] @ options workerPort)

        let port = Nodes.freePort ()

        // The administrators' page needs the token; the proxy adds it for the browser of this test.
        let servers =
            $"server {{ listen 127.0.0.1:{port}; location /app/ {{ {location web.Port} proxy_set_header Host $http_host; proxy_set_header Authorization \"Bearer {token}\"; proxy_buffering off; }} location / {{ return 418; }} }}"

        use! _nginx = Nginx.Start(port, servers)
        do! tour port

        use client =
            new HttpClient(
                new HttpClientHandler(AllowAutoRedirect = false),
                BaseAddress = System.Uri $"http://127.0.0.1:{port}"
            )

        let daisy = File.ReadAllBytes(sample "daisy")
        let! answer = client.PostAsync("/app/api/classify", new ByteArrayContent(daisy))
        Expect.equal answer.StatusCode HttpStatusCode.OK "the API"
        let form = new MultipartFormDataContent()
        form.Add(new ByteArrayContent(daisy), "file", "daisy.png")
        let! answer = client.PostAsync("/app/", form)
        let! text = answer.Content.ReadAsStringAsync()
        Expect.equal answer.StatusCode HttpStatusCode.OK "the form without the script"
        Expect.stringContains text "daisy" "its answer"
    }

let private keeping =
    behind "a proxy that keeps the path: Http:PathBase" (fun _ -> [ "--Http:PathBase=/app" ]) (fun port ->
        $"proxy_pass http://127.0.0.1:{port};")

let private stripping =
    behind
        "a proxy that takes the path off: X-Forwarded-Prefix"
        (fun _ -> [ "--Http:TrustedProxies=127.0.0.1" ])
        (fun port ->
            $"proxy_pass http://127.0.0.1:{port}/; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Prefix /app;")

/// examples/javascript/browser.html on an origin of its own.
let private otherOrigin =
    testTask "the example's page of another origin classifies pictures, if its origin is allowed" {
        let html =
            File.ReadAllText(Path.Combine(Repository.root, "examples", "javascript", "browser.html"))

        use! app =
            LocalSite.serve (fun context ->
                context.Response.ContentType <- "text/html"
                context.Response.WriteAsync html)

        let origin = System.Uri(Seq.head app.Urls)
        let workerPort = Nodes.freePort ()
        use! _ = Nodes.worker workerPort []

        use! allowing =
            Nodes.web [ workerPort ] [ $"--Api:AllowedOrigins=http://127.0.0.1:{origin.Port}" ]

        use! refusing = Nodes.web [ workerPort ] []

        let run (web: WebNode) (look: IPage -> System.Threading.Tasks.Task<unit>) =
            visit origin.Port { desktop with Host = "127.0.0.1" } (fun tab ->
                task {
                    do! tab.Goto $"/?server=http://127.0.0.1:{web.Port}"

                    do!
                        tab.Page.SetInputFilesAsync(
                            "input",
                            [ sample "daisy"; Path.Combine(Repository.root, "README.md") ]
                        )

                    do! look tab.Page
                })

        do!
            run allowing (fun page ->
                task {
                    do! shows (page.Locator "pre") "daisy.png,daisy,0.9"
                    do! shows (page.Locator "pre") "# README.md: Plain text"
                })

        do!
            run refusing (fun page ->
                task {
                    do! System.Threading.Tasks.Task.Delay 2000
                    do! Assertions.Expect(page.Locator "pre").Not.ToContainTextAsync "daisy"
                })
    }

let tests =
    testSequencedGroup "programs"
    <| testList "BasePath" [ keeping; stripping; otherOrigin ]
