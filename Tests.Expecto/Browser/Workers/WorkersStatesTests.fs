/// The workers' page with workers in every state, and with none.
module Tests.Expecto.Browser.WorkersStatesTests

open System
open System.Net.Http
open System.IO
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let private row tab (port: int) = row tab $"127.0.0.1:{port}"

let private state tab port = (row tab port).Locator ".state"

let private states =
    testTask "active, draining, drained and ejected workers, and none, are shown live on a phone and a desktop" {
        let ports = [ for _ in 1..4 -> Nodes.freePort () ]
        let active, stuck, rests, gone = ports[0], ports[1], ports[2], ports[3]
        use! _active = Nodes.worker active []
        use! held = Nodes.worker stuck []
        use! _rests = Nodes.worker rests []

        use! web =
            Nodes.web
                ports
                [
                    "--Pool:CheckSeconds=0"
                    "--Pool:FirstRetrySeconds=60"
                    "--Pool:RequestSeconds=60"
                    "--Client:ExchangeSeconds=60"
                    "--Client:SilenceSeconds=50"
                ]

        let daisy = File.ReadAllBytes(sample "daisy")

        do!
            visit web.Port desktop (fun tab ->
                task {
                    do! tab.Goto "/workers"
                    // Each has a turn: the one that is stopped keeps its picture, the one that is gone is ejected.
                    held.Send Signal.Stop
                    use cancel = new Threading.CancellationTokenSource()

                    let asked =
                        [
                            for _ in 1..5 ->
                                web.Client.PostAsync("/api/classify", new ByteArrayContent(daisy), cancel.Token)
                        ]

                    do!
                        Assertions
                            .Expect((row tab stuck).Locator ".flight")
                            .ToHaveTextAsync(System.Text.RegularExpressions.Regex "[1-9]")

                    do! shows (state tab gone) "inactive"
                    do! shows ((row tab gone).Locator ".later").First "retrying in"
                    do! choose tab (row tab stuck) "drain"
                    do! shows (state tab stuck) "draining"
                    do! shows ((row tab stuck).Locator ".later").First "finishing its requests"
                    do! choose tab (row tab rests) "drain"
                    do! shows (state tab rests) "drained"
                    do! shows (state tab active) "active"
                    do! shows (tab.Page.Locator "#summary") "1 of 4 workers active"

                    for look, dark, width, height in
                        [
                            "desktop", false, 1440, 900
                            "phone", false, 390, 844
                            "desktop-dark", true, 1440, 900
                        ] do
                        do! tab.Page.SetViewportSizeAsync(width, height)
                        let scheme = if dark then ColorScheme.Dark else ColorScheme.Light
                        do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(ColorScheme = Nullable scheme))
                        do! inside tab.Page
                        do! tab.Screenshot $"workers-states-{look}"

                    cancel.Cancel()
                    held.Send Signal.Continue

                    for answer in asked do
                        try
                            let! _ = answer
                            ()
                        with :? OperationCanceledException ->
                            ()

                    do! shows (state tab stuck) "drained"

                    for port in ports do
                        do! choose tab (row tab port) "remove"
                        do! count (row tab port) 0

                    do! visible (tab.Page.Locator ".none:not(#no-match)")
                    do! shows (tab.Page.Locator ".none:not(#no-match)") "Start one"
                    do! shows (tab.Page.Locator "#summary") "0 of 0 workers active"
                    do! tab.Screenshot "workers-none"
                    clean tab
                })
    }

let tests = testSequencedGroup "browser" <| testList "Workers' states" [ states ]
