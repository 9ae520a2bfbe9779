/// Another site's pages in an administrator's browser, over plain HTTP under a name that is not local: Chromium sends no
/// `Sec-Fetch-*` there, and the token's password with everything.
module Tests.Expecto.Browser.ForeignPageTests

open System
open System.Net.Http
open System.Threading.Tasks
open Expecto
open Microsoft.AspNetCore.Http
open Microsoft.Playwright
open Tests.Expecto

let private token = "a-token-of-the-foreign-page-tests-0123456789"
let private worker = "127.0.0.1:7"
let private other = "127.0.0.1:8"

/// What another site's page tries at the node's address.
let private attacks (node: string) =
    let remove = $"{node}/del/{worker}"
    let add = $"{node}/add/{other}"

    let post =
        $"""<form method="post" action="{node}/workers"><input name="action" value="remove"><input name="address" value="{worker}"></form>
        <script>document.forms[0].submit()</script>"""

    [
        "a navigation that removes", $"<script>location = '{remove}'</script>"
        "a navigation that adds", $"<script>location = '{add}'</script>"
        "one without a referrer",
        $"<meta name=referrer content=no-referrer><meta http-equiv=refresh content='0; url={remove}'>"
        "a form by GET", $"<form action='{remove}'></form><script>document.forms[0].submit()</script>"
        "a form by POST", post
        "one without a referrer, whose origin is null", "<meta name=referrer content=no-referrer>" + post
        "an image", $"<img src='{remove}'>"
        "a script", $"<script src='{remove}'></script>"
        "a frame", $"<iframe src='{remove}'></iframe>"
        "a fetch that looks like a program's",
        $"<script>fetch('{remove}', {{ mode: 'no-cors', credentials: 'include', headers: {{ Accept: '*/*', 'Accept-Language': '*' }}, referrerPolicy: 'no-referrer' }})</script>"
        "a prefetch", $"<link rel=prefetch href='{remove}'>"
        "a beacon",
        $"<script>navigator.sendBeacon('{node}/workers', new URLSearchParams({{ action: 'remove', address: '{worker}' }}))</script>"
    ]

let private foreign =
    testTask "once the token is entered, the user can add and remove workers and no other site's page can" {
        use! web =
            Nodes.web [] [ $"--Admin:Token={token}"; "--worker"; worker; "--Pool:CheckSeconds=0" ]

        let node = $"http://node.test:{web.Port}"
        let mutable page = ""

        use! site =
            LocalSite.serve (fun context ->
                context.Response.ContentType <- "text/html"
                context.Response.WriteAsync page)

        let elsewhere = $"http://evil.test:{Uri(Seq.head site.Urls).Port}/"
        use client = new HttpClient(BaseAddress = Uri $"http://127.0.0.1:{web.Port}")
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}")

        let unchanged after =
            task {
                let! list = client.GetStringAsync "/api/workers"
                Expect.stringContains list worker $"not removed by {after}"
                Expect.isFalse (list.Contains other) $"not added by {after}"
            }

        let reader =
            { desktop with
                Host = "node.test"
                Password = Some token
            }

        do!
            visit web.Port reader (fun tab ->
                task {
                    do! tab.Goto "/workers"
                    do! shows (tab.Page.Locator "table.workers") worker

                    for name, html in attacks node do
                        page <- $"<!doctype html><title>{name}</title>{html}"
                        let! _ = tab.Page.GotoAsync elsewhere
                        // What it starts when it has loaded.
                        do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
                        do! Task.Delay 300
                        do! unchanged name

                    page <- $"<!doctype html><a href='{node}/del/{worker}'>A kitten</a>"
                    let! _ = tab.Page.GotoAsync elsewhere
                    do! tab.Page.ClickAsync "a"
                    do! shows (tab.Page.Locator "h1") "Remove this worker?"
                    do! tab.Screenshot "confirm-removal"
                    do! unchanged "a link that the user follows"

                    // Typed by the user, who confirms it.
                    do! tab.Goto $"/del/{worker}"
                    do! axe tab "confirm-removal"
                    do! tab.Page.ClickAsync "form.ways button"
                    do! shows (tab.Page.Locator "main") "receives no more requests"
                    let! list = client.GetStringAsync "/api/workers"
                    Expect.isFalse (list.Contains worker) "removed"
                })
    }

let private local =
    testTask "a change typed into the address bar is made at once on localhost" {
        use! web = Nodes.web [] [ $"--Admin:Token={token}"; "--Pool:CheckSeconds=0" ]

        do!
            visit web.Port { desktop with Password = Some token } (fun tab ->
                task {
                    do! tab.Goto $"/add/{worker}"
                    do! shows (tab.Page.Locator "main") "Worker added"
                    do! tab.Goto $"/del/{worker}"
                    do! shows (tab.Page.Locator "main") "Worker removed"
                })
    }

let tests =
    testSequencedGroup "browser" <| testList "Foreign pages" [ foreign; local ]
