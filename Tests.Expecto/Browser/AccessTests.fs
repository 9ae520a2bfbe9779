/// How the page shows missing and wrong keys, and the responses of a proxy in front of the node.
module Tests.Expecto.Browser.AccessTests

open System.IO
open System.Net.Http
open Expecto
open Tests.Expecto

let private oldKey = "the-old-key-of-the-tests-0123456789"
let private newKey = "the-new-key-of-the-tests-0123456789"

/// A key that is exchanged while the page is open; then the page is loaded again with it.
let private rotated =
    testTask "when the key changes while the page is open, the card says how to enter the new one" {
        let keys = Path.Combine(Repository.artifacts "uploads", "page.keys")
        File.WriteAllText(keys, oldKey)
        use! web = Nodes.service [] [ $"--Api:KeysFile={keys}" ]

        let acceptsNewKey () =
            task {
                use request = new HttpRequestMessage(HttpMethod.Get, "/api/models")
                request.Headers.Add("X-API-Key", newKey)
                let! status, _ = web.Json request
                return status = 200
            }

        do!
            visit web.Port phone (fun tab ->
                task {
                    do! signIn tab oldKey
                    do! give tab (sample "daisy")
                    do! fiveRows (only tab) "daisy"
                    File.WriteAllText(keys, newKey)
                    do! web.Node.UntilAsync("the new key", acceptsNewKey)
                    do! give tab (sample "hourglass")
                    do! failing tab "hourglass.png" "Sign in again" "Reload the page, then sign in"
                    do! tab.Screenshot "key-needed"
                })
    }

/// With keys, and the page open to all: the card's command has a place for one.
let private keyed =
    ofItsOwn
        "with Api:Page=open the page needs no key, and the card's command takes that of programs from the shell"
        desktop
        [ $"--Api:Keys={newKey}"; "--Api:Page=open" ]
    <| fun tab _ ->
        task {
            do! tab.Goto "/"
            do! give tab (sample "daisy")
            do! fiveRows (only tab) "daisy"
            let! line = details (only tab)
            let! without = shell line
            Expect.stringContains without "API key required" line
            let! said = shell $"RECOGNIZE_KEY={newKey}; {line}"
            Expect.stringContains said "\"daisy\"" line

            let! arguments =
                shell $"curl() {{ printf '%%s ' \"$@\"; }}; RECOGNIZE_KEY={newKey}; {line}"

            Expect.stringContains arguments "/api/classify" "curl's arguments"
            Expect.isFalse (arguments.Contains newKey) $"the key is not among them: {arguments}"
            do! only(tab).Locator(".copy").ClickAsync()
            do! shows (only(tab).Locator ".copy") "Copied"
            do! tab.Screenshot "command-with-key"
            do! tab.Goto "/workers"
            do! shows (tab.Page.Locator "#link") "Live"
            clean tab
        }

/// What a proxy before the node may answer instead of it; the browser is told here that it did.
let private proxied =
    case "a proxy's responses in the node's place are explained, too" desktop (fun tab ->
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
                do! tab.Answer("**/api/classify*", status, "text/html", "<h1>nginx</h1>")
                do! give tab (sample name)
                let check = if status = 413 then failingForGood else failing
                do! check tab $"{name}.png" title advice
                do! tab.Page.UnrouteAsync "**/api/classify*"

            do! tab.Route("**/samples/*", _.AbortAsync())
            do! tab.Page.ClickAsync "#samples button[value^='jellyfish']"
            do! shows (tab.Page.Locator "#error-notice") "Can't load the sample"
            do! tab.Screenshot "answered-by-a-proxy"
        })

/// The server was started again with a lower limit while the page stood open.
let private lowered =
    ofItsOwn "when the limit is lowered while the page is open, the page shows the server's message" desktop []
    <| fun tab web ->
        task {
            do! tab.Goto "/"
            let! uses = web.Uses()
            do! kill web
            use! _again = restart web [ "--worker"; fst uses.Head; "--Upload:MaxBytes=50000" ]
            do! give tab (sample "daisy")
            do! failingForGood tab "daisy.png" "too large" "up to 50,000 bytes"
            do! tab.Screenshot "limit-lowered"
        }

let private pages =
    case "an unknown address, a refused change, an invalid worker address and an added worker each get a page" phone
    <| fun tab ->
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
            do! tab.Page.SetExtraHTTPHeadersAsync(dict [ "X-Forwarded-For", "192.0.2.1" ])
            do! see "/workers" "To administer through a proxy, set Admin:TokenFile" "admin-refused"
        }

let tests =
    testSequencedGroup "browser"
    <| testList "Access" [ rotated; keyed; proxied; lowered; pages ]
