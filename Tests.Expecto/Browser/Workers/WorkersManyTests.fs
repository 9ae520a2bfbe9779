/// The workers' page with 150 workers, and how soon it shows a dead address, a killed worker and a removal.
module Tests.Expecto.Browser.WorkersManyTests

open System
open System.Diagnostics
open System.IO
open System.Net.Http
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let private shownRows (tab: Tab) =
    tab.Page.Locator "tr[data-worker]:visible"

let private classify (web: WebNode) =
    task {
        try
            let picture = new ByteArrayContent(File.ReadAllBytes(sample "daisy"))
            use! _ = web.Client.PostAsync("/api/classify", picture)
            ()
        with :? HttpRequestException ->
            ()
    }

/// Nobody listens on the discard port.
let private discards =
    [
        for index in 1..149 do
            "--worker"
            $"127.0.{index}.1:9"
    ]

let private filters (name, look: Options) =
    ofItsOwn
        $"150 workers: a few screens, a search, the problems, and the focus stays ({name})"
        look
        ("--Pool:CheckSeconds=0" :: discards)
    <| fun tab web ->
        task {
            do! tab.Goto "/workers"
            do! shows (tab.Page.Locator "#link") "Live"
            do! count (shownRows tab) 150
            do! shows (tab.Page.Locator "#shown") "150 of 150 shown"
            let! height = tab.Page.EvaluateAsync<int> "document.documentElement.scrollHeight"
            printfn $"/workers with 150 workers: {height} px high ({name})"
            Expect.isLessThan height (4 * look.Height) "pixels"
            do! inside tab.Page
            // Round robin: the running worker answers, and the next one is found dead.
            for _ in 1..3 do
                do! classify web

            do! tab.Page.CheckAsync "#problems"
            do! Assertions.Expect(shownRows tab).Not.ToHaveCountAsync 150
            do! Assertions.Expect(shownRows tab).Not.ToHaveCountAsync 0
            do! shows ((shownRows tab).First.Locator ".since") "ago"
            do! tab.Screenshot $"workers-many-{name}"
            do! tab.Page.UncheckAsync "#problems"
            do! tab.Page.FillAsync("#search", "127.0.77.1")
            do! count (shownRows tab) 1
            do! tab.Page.FillAsync("#search", "nothing like it")
            do! visible (tab.Page.Locator "#no-match")
            do! tab.Page.FillAsync("#search", "127.0.0.1:")
            do! count (shownRows tab) 1
            do! tab.Page.FillAsync("#search", "")
            // The focus, and the row under the pointer, stay where they are while the list changes.
            let more = (row tab "127.0.5.1:9").Locator ".more"
            do! more.FocusAsync()
            let! before = bounds more

            for _ in 1..6 do
                do! classify web
                do! Task.Delay 400

            let! after = bounds more
            Expect.equal after.Y before.Y "the row did not move"
            do! Assertions.Expect(more).ToBeFocusedAsync()
            do! axe tab "150 workers"
            clean tab
        }

let private dead =
    ofItsOwn
        "a dead address shows at once; an empty field sends nothing; a removal is confirmed, and taken back"
        desktop
        [ "--Pool:CheckSeconds=0" ]
    <| fun tab web ->
        task {
            let! uses = web.Uses()
            let working = fst uses.Head
            let mutable puts = 0

            tab.Page.Request.Add(fun request ->
                if request.Method = "PUT" then
                    puts <- puts + 1)

            do! tab.Goto "/workers"
            do! shows (tab.Page.Locator "#link") "Live"

            for nothing in [ ""; "   " ] do
                do! enter tab nothing

            do! Task.Delay 300
            Expect.equal puts 0 "an empty field is no request"
            let gone = $"127.0.0.1:{Nodes.freePort ()}"
            do! enter tab gone
            do! shows (tab.Page.Locator "#notice.bad") "Added, but it doesn't answer"
            do! shows ((row tab gone).Locator ".state") "inactive"
            do! shows ((row tab gone).Locator ".later").First "retrying in"
            do! tab.Screenshot "worker-dead"
            let there = row tab working
            do! there.Locator(".more").ClickAsync()
            do! visible (there.Locator ".menu .remove")
            do! tab.Screenshot "worker-menu"
            do! there.Locator(".menu .remove").ClickAsync()
            do! visible (tab.Page.Locator "#removal")
            do! tab.Screenshot "worker-removal"
            do! axe tab "the question"
            do! tab.Page.Keyboard.PressAsync "Escape"
            do! Assertions.Expect(there.Locator ".more").ToBeFocusedAsync()
            do! choose tab there "remove"
            do! count there 0
            do! Assertions.Expect((row tab gone).Locator ".more").ToBeFocusedAsync()
            do! tab.Page.ClickAsync "#notice .undo"
            do! shows (there.Locator ".state") "active"
            do! shows (tab.Page.Locator "#notice.good") "now receives requests"
            // A drained one comes back drained.
            do! choose tab there "drain"
            do! shows (there.Locator ".state") "drained"
            do! choose tab there "remove"
            do! count there 0
            do! tab.Page.ClickAsync "#notice .undo"
            do! shows (there.Locator ".state") "drained"
            clean tab
        }

let private killed =
    ofItsOwn "a killed worker shows within a second of the request that fails" desktop [ "--Pool:CheckSeconds=0" ]
    <| fun tab web ->
        task {
            do! tab.Goto "/workers"
            do! shows (tab.Page.Locator "#link") "Live"
            do! classify web
            web.Worker.Send Signal.Kill
            let! _ = web.Worker.EndedAsync(TimeSpan.FromSeconds 10.0)
            do! classify web
            let clock = Stopwatch.StartNew()
            do! shows (tab.Page.Locator "tr[data-worker] .state") "inactive"
            printfn $"inactive on the page {clock.Elapsed.TotalMilliseconds:F0} ms after the failed request"
            Expect.isLessThan clock.Elapsed.TotalSeconds 5.0 "a second, and as much as a busy machine adds"
            do! shows (tab.Page.Locator "#tile-active") "0"
        }

let tests =
    testSequencedGroup "browser"
    <| testList "Workers in numbers" [ yield! List.map filters sizes; dead; killed ]
