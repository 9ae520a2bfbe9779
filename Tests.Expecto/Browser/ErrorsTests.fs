/// What the page says when something is wrong, each for real, and each with a picture to look at.
module Tests.Expecto.Browser.ErrorsTests

open System
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private hurried =
    ofItsOwn
        "more than a caller may send waits as long as it is told to, and is then named"
        phone
        [ "--Api:RequestsPerSecond=0.3"; "--Api:Burst=1" ]
    <| fun tab _ _ ->
        task {
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", [ sample "daisy"; sample "hourglass" ])
            let waiting = tab.Page.Locator ".card[data-state=paused]"
            do! shows (waiting.Locator ".doing") "Retrying in"
            do! shows (waiting.Locator ".failure") "Too many requests"
            do! shows (waiting.Locator ".failure") "Retrying shortly"
            do! tab.Screenshot "asked-too-often"
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2
            do! tab.Screenshot "asked-again"
        }

let private silent =
    ofItsOwn
        "a worker that stands still, and then a server that is gone: two sentences, and another try helps"
        phone
        [
            "--Pool:RequestSeconds=2"
            "--Client:SilenceSeconds=2"
            "--Pool:CheckSeconds=0"
        ]
    <| fun tab web worker ->
        task {
            do! tab.Goto "/"
            worker.Send Signal.Stop
            do! give tab (sample "daisy")
            do! failing tab "daisy.png" "time" "gain"
            do! tab.Screenshot "no-answer-in-time"
            worker.Send Signal.Continue
            do! only(tab).Locator(".again").ClickAsync()
            do! fiveRows (only tab) "daisy"
            web.Node.Send Signal.Kill
            let! _ = web.Node.EndedAsync(TimeSpan.FromSeconds 10.0)
            do! give tab (sample "hourglass")
            do! failing tab "hourglass.png" "Can't reach the server" "Check that it's running"
            do! tab.Screenshot "no-connection"
        }

let private busy =
    ofItsOwn
        "a picture that is looked at says so; one that there is no room for asks again, and gives up after four times"
        desktop
        [
            "--Upload:MaxBytes=200000"
            "--Upload:MaxBuffered=200000"
            "--Pool:RequestSeconds=60"
            "--Pool:CheckSeconds=0"
            "--Client:ExchangeSeconds=60"
            "--Client:SilenceSeconds=50"
        ]
    <| fun tab _ worker ->
        task {
            do! tab.Goto "/"
            worker.Send Signal.Stop
            do! give tab (sample "daisy")
            do! shows (only(tab).Locator ".doing") "Analysing…"
            do! tab.Screenshot "looking"
            do! give tab (sample "honeycomb")
            do! shows (tab.Page.Locator ".card[data-state=paused] .failure") "Too busy"
            do! failing tab "honeycomb.png" "Too busy" "Try again in a moment"
            do! tab.Screenshot "too-busy"
            worker.Send Signal.Continue
            do! fiveRows (tab.Page.Locator(".card", PageLocatorOptions(HasText = "daisy.png"))) "daisy"
            do! tab.Page.Locator(".card[data-state=failed] .again").ClickAsync()
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2
        }

let private key = "a-key-of-the-tests-0123456789"

let private opened =
    ofItsOwn
        "where keys are set, the page asks for one, which opens it; signed out it is shut"
        phone
        [ $"--Api:Keys={key}" ]
    <| fun tab _ _ ->
        task {
            do! tab.Goto "/"
            do! shows (tab.Page.Locator "h1") "Sign in"
            do! inside tab.Page
            do! axe tab "sign-in"
            do! tab.Screenshot "sign-in"
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
    ofItsOwn "the same without JavaScript" { desktop with Script = false } [ $"--Api:Keys={key}" ]
    <| fun tab _ _ ->
        task {
            do! signIn tab "a-wrong-key-0123456789"
            do! shows (tab.Page.Locator "main") "Wrong key"
            do! signIn tab key
            do! give tab (sample "daisy")
            do! tab.Page.ClickAsync "#upload button.send"
            do! shows (tab.Page.Locator "#result") "daisy"
        }

let tests =
    testSequencedGroup "browser"
    <| testList "Errors" [ hurried; silent; busy; opened; withoutScript ]
