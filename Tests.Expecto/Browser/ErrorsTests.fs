/// The page's messages about real faults, each with a screenshot.
module Tests.Expecto.Browser.ErrorsTests

open Expecto
open Tests.Expecto

let private hurried =
    ofItsOwn
        "a picture above the rate limit waits, is sent again and is recognised"
        phone
        [ "--Api:RequestsPerSecond=0.3"; "--Api:Burst=1" ]
    <| fun tab _ ->
        task {
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "hourglass" ]
            let waiting = tab.Page.Locator ".card[data-state=paused]"
            do! shows (waiting.Locator ".doing") "Retrying in"
            do! shows (waiting.Locator ".failure") "Too many requests"
            do! shows (waiting.Locator ".failure") "Retrying shortly"
            do! tab.Screenshot "asked-too-often"
            do! answered tab 2
            do! tab.Screenshot "asked-again"
        }

let private silent =
    ofItsOwn
        "a worker that hangs and a server that is down each show an error, and Try again works"
        phone
        [
            "--Pool:RequestSeconds=2"
            "--Client:SilenceSeconds=2"
            "--Pool:CheckSeconds=0"
        ]
    <| fun tab web ->
        task {
            do! tab.Goto "/"
            web.Worker.Send Signal.Stop
            do! give tab (sample "daisy")
            do! failing tab "daisy.png" "time" "gain"
            do! tab.Screenshot "no-answer-in-time"
            web.Worker.Send Signal.Continue
            do! only(tab).Locator(".again").ClickAsync()
            do! fiveRows (only tab) "daisy"
            do! kill web
            do! give tab (sample "hourglass")
            do! failing tab "hourglass.png" "Can't reach the server" "Check that it's running"
            do! tab.Screenshot "no-connection"
        }

let private busy =
    ofItsOwn
        "a picture in progress says so; one that the server has no room for is retried, and fails after four attempts"
        desktop
        [
            "--Upload:MaxBytes=200000"
            "--Upload:MaxBuffered=200000"
            "--Pool:RequestSeconds=60"
            "--Pool:CheckSeconds=0"
            "--Client:ExchangeSeconds=60"
            "--Client:SilenceSeconds=50"
        ]
    <| fun tab web ->
        task {
            do! tab.Goto "/"
            web.Worker.Send Signal.Stop
            do! give tab (sample "daisy")
            do! shows (only(tab).Locator ".doing") "Analysing…"
            do! tab.Screenshot "looking"
            do! give tab (sample "honeycomb")
            do! shows (tab.Page.Locator ".card[data-state=paused] .failure") "Too busy"
            do! failing tab "honeycomb.png" "Too busy" "Try again in a moment"
            do! tab.Screenshot "too-busy"
            web.Worker.Send Signal.Continue
            do! fiveRows (card tab "daisy.png") "daisy"
            do! tab.Page.Locator(".card[data-state=failed] .again").ClickAsync()
            do! answered tab 2
        }

let private key = "a-key-of-the-tests-0123456789"

let private opened =
    ofItsOwn
        "where keys are set, the page asks for one, also after a wrong one and after signing out"
        phone
        [ $"--Api:Keys={key}" ]
    <| fun tab _ ->
        task {
            do! tab.Goto "/"
            do! shows (tab.Page.Locator "h1") "Sign in"
            do! inside tab.Page
            do! axe tab "sign-in"
            do! tab.Screenshot "sign-in"
            do! signIn tab "a-wrong-key-0123456789"
            do! shows (tab.Page.Locator "main") "Wrong key"
            do! shows (tab.Page.Locator "main") "ask the operator"
            do! axe tab "wrong-key"
            do! tab.Screenshot "wrong-key"
            do! signIn tab key
            do! give tab (sample "daisy")
            do! fiveRows (only tab) "daisy"
            let! seen = tab.Page.EvaluateAsync<string> "document.cookie"
            Expect.equal seen "" "no script reads the cookie"
            do! axe tab "signed-in"
            do! tab.Screenshot "signed-in"
            do! tab.Page.ClickAsync "form[action='/sign-out'] button"
            do! shows (tab.Page.Locator "h1") "Sign in"
        }

let private withoutScript =
    ofItsOwn "the same without JavaScript" { desktop with Script = false } [ $"--Api:Keys={key}" ] (fun tab _ ->
        task {
            do! signIn tab "a-wrong-key-0123456789"
            do! shows (tab.Page.Locator "main") "Wrong key"
            do! signIn tab key
            do! give tab (sample "daisy")
            do! tab.Page.ClickAsync "#upload button.send"
            do! shows (tab.Page.Locator "#result") "daisy"
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Errors" [ hurried; silent; busy; opened; withoutScript ]
