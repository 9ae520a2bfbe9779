/// Who is not let in, and what a proxy before the node may say: what the page makes of it.
module Tests.Expecto.Browser.AccessTests

open System
open System.IO
open System.Net.Http
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private oldKey = "the-old-key-of-the-tests-0123456789"
let private newKey = "the-new-key-of-the-tests-0123456789"

/// A key that is exchanged while the page is open; then the page is loaded again with it.
let private rotated =
    testTask "when the key changes while the page is open, the card says how to enter the new one" {
        let port = Nodes.freePort ()
        use! _worker = Nodes.worker port []
        let keys = Path.Combine(Repository.artifacts "uploads", "page.keys")
        File.WriteAllText(keys, oldKey)
        use! web = Nodes.web [ port ] [ $"--Api:KeysFile={keys}" ]

        do!
            visit web.Port phone (fun tab ->
                task {
                    do! signIn tab oldKey
                    do! give tab (sample "daisy")
                    do! fiveRows (only tab) "daisy"
                    File.WriteAllText(keys, newKey)

                    do!
                        web.Node.UntilAsync(
                            "the new key",
                            fun () ->
                                task {
                                    use asked = new HttpRequestMessage(HttpMethod.Get, "/api/models")
                                    asked.Headers.Add("X-API-Key", newKey)
                                    use! answer = web.Client.SendAsync asked
                                    return answer.IsSuccessStatusCode
                                }
                        )

                    do! give tab (sample "hourglass")
                    do! failing tab "hourglass.png" "Sign in again" "Reload the page, then sign in"
                    do! tab.Screenshot "key-needed"
                })
    }

let private closed =
    testTask "without a key, the page says how to enter one" {
        use! web = Nodes.web [ Nodes.freePort () ] [ $"--Api:Keys={newKey}" ]

        do!
            visit web.Port desktop (fun tab ->
                task {
                    do! signIn tab oldKey
                    do! shows (tab.Page.Locator "main") "Wrong key"
                    do! shows (tab.Page.Locator "main") "ask the operator"
                    do! axe tab "wrong-key"
                    do! tab.Screenshot "wrong-key"
                })
    }

/// With keys, and the page open to all: the card's command has a place for one.
let private keyed =
    ofItsOwn
        "where programs need a key, the card's command takes it from the shell"
        desktop
        [ $"--Api:Keys={newKey}"; "--Api:Page=open" ]
    <| fun tab _ _ ->
        task {
            do! tab.Goto "/"
            do! give tab (sample "daisy")
            do! fiveRows (only tab) "daisy"
            do! details (only tab)
            let! line = only(tab).Locator(".code code").InnerTextAsync()
            let! without = shell line
            Expect.stringContains without "Key needed" line
            let! said = shell $"RECOGNIZE_KEY={newKey}; {line}"
            Expect.stringContains said "\"daisy\"" line

            let! arguments =
                shell $"curl() {{ printf '%%s ' \"$@\"; }}; RECOGNIZE_KEY={newKey}; {line}"

            Expect.stringContains arguments "/api/classify" "curl's arguments"
            Expect.isFalse (arguments.Contains newKey) $"the key is not among them: {arguments}"
            do! only(tab).Locator(".copy").ClickAsync()
            do! shows (only(tab).Locator ".copy") "Copied"
            do! tab.Screenshot "command-with-key"
            clean tab
        }

/// What a proxy before the node may answer instead of it; the browser is told here that it did.
let private proxied =
    case "what a proxy says in the node's place is told in words, too" desktop
    <| fun tab ->
        task {
            let answers =
                [
                    "daisy", 403, "Not allowed", "Reload"
                    "hourglass", 413, "too large", "Make it smaller"
                    "jellyfish", 502, "Unexpected response (502)", "Reload and try again"
                    "lighthouse", 200, "Unexpected response (200)", "Reload and try again"
                ]

            do! tab.Goto "/"

            for name, status, title, advice in answers do
                let! _ =
                    tab.Page.RouteAsync(
                        "**/api/classify*",
                        Func<IRoute, Task>(fun route ->
                            route.FulfillAsync(
                                RouteFulfillOptions(
                                    Status = Nullable status,
                                    ContentType = "text/html",
                                    Body = "<h1>nginx</h1>"
                                )
                            ))
                    )

                do! give tab (sample name)
                let check = if status = 413 then failingForGood else failing
                do! check tab $"{name}.png" title advice
                do! tab.Page.UnrouteAsync "**/api/classify*"

            let! _ =
                tab.Page.RouteAsync("**/samples/*", Func<IRoute, Task>(fun route -> route.AbortAsync()))

            do! tab.Page.ClickAsync "#samples button[value^='jellyfish']"
            do! shows (tab.Page.Locator "#error-notice") "Can't load the sample"
            do! tab.Screenshot "answered-by-a-proxy"
        }

/// The server was started again with a lower limit while the page stood open.
let private lowered =
    testTask "when the limit is lowered while the page is open, the page shows the server's message" {
        let port = Nodes.freePort ()
        use! _worker = Nodes.worker port []
        use! web = Nodes.web [ port ] []

        do!
            visit web.Port desktop (fun tab ->
                task {
                    do! tab.Goto "/"
                    web.Node.Send Signal.Kill
                    let! _ = web.Node.EndedAsync(TimeSpan.FromSeconds 10.0)

                    use again =
                        Nodes.startWeb
                            web.Port
                            [
                                "--worker"
                                $"127.0.0.1:{port}"
                                "--Registry:Path="
                                "--Upload:MaxBytes=50000"
                            ]

                    do! again.UntilAsync("listening", TimeSpan.FromSeconds 60.0, (fun () -> Nodes.listens web.Port))

                    do! give tab (sample "daisy")
                    do! failingForGood tab "daisy.png" "too large" "up to 50,000 bytes"
                    do! tab.Screenshot "limit-lowered"
                })
    }

let private pages =
    testTask "an unknown address, a refused change, an invalid worker address and an added worker each get a page" {
        let! port = site.Value

        do!
            visit port phone (fun tab ->
                task {
                    let see path (says: string) name =
                        task {
                            do! tab.Goto path
                            do! shows (tab.Page.Locator "main") says
                            do! inside tab.Page
                            do! tab.Screenshot name
                        }

                    do! see "/nowhere" "There is nothing at this address" "not-found"
                    do! see "/add/nonsense" "Nothing was changed" "not-an-address"
                    do! see "/add/127.0.0.1:7779" "now receives requests" "worker-added"
                    do! see "/del/127.0.0.1:7779" "receives no more requests" "worker-removed"
                    let behind = Collections.Generic.Dictionary()
                    behind.Add("X-Forwarded-For", "192.0.2.1")
                    do! tab.Page.SetExtraHTTPHeadersAsync behind
                    do! see "/workers" "To administer through a proxy, set Admin:TokenFile" "admin-refused"
                })
    }

let tests =
    testSequencedGroup "browser"
    <| testList "Access" [ rotated; closed; keyed; proxied; lowered; pages ]
