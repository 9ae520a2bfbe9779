/// The admin page's link to the server: lost, found again, and no longer allowed.
module Tests.Expecto.Browser.WorkersLinkTests

open System
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private token = "an-admin-token-of-the-tests"

/// Starts a web node on the port of one that ended.
let private again port options =
    task {
        let node =
            Nodes.startWeb port ([ "--Registry:Path="; "--Http:DrainSeconds=0" ] @ options)

        do! node.UntilAsync("listening", TimeSpan.FromSeconds 60.0, (fun () -> Nodes.listens port))
        return node
    }

let private kill (web: WebNode) =
    task {
        web.Node.Send Signal.Kill
        let! _ = web.Node.EndedAsync(TimeSpan.FromSeconds 10.0)
        ()
    }

let private restarted =
    testTask "the page reconnects after a restart of the server" {
        let worker = Nodes.freePort ()
        use! web = Nodes.web [ worker ] [ "--Pool:CheckSeconds=0" ]

        do!
            visit web.Port desktop (fun tab ->
                task {
                    do! tab.Goto "/workers"
                    let link = tab.Page.Locator "#link"
                    do! shows link "Live"
                    do! kill web
                    do! shows link "Reconnecting"
                    do! tab.Page.FillAsync("#address", "127.0.0.1:7780")
                    do! tab.Page.Keyboard.PressAsync "Enter"
                    do! shows (tab.Page.Locator "#notice") "Can't reach the server"
                    do! tab.Screenshot "workers-lost"
                    let other = Nodes.freePort ()
                    use! _node = again web.Port [ "--worker"; $"127.0.0.1:{other}" ]
                    do! shows link "Live"
                    // What it shows is the new server's.
                    do! visible (tab.Page.Locator $"tr[data-worker='127.0.0.1:{other}']")
                    do! Assertions.Expect(tab.Page.Locator "tr[data-worker]").ToHaveCountAsync 1
                })
    }

let private shut =
    testTask "when the token changes, the page stops polling and says how to enter the new one" {
        use! web = Nodes.web [ Nodes.freePort () ] [ $"--Admin:Token={token}" ]

        do!
            visit web.Port { desktop with Password = Some token } (fun tab ->
                task {
                    do! tab.Goto "/workers"
                    let link = tab.Page.Locator "#link"
                    do! shows link "Live"
                    do! kill web
                    use! _node = again web.Port [ "--Admin:Token=another-token-of-the-tests" ]
                    do! shows link "Not connected"
                    do! shows (tab.Page.Locator "#notice") "enter the administrators' token as the password"
                    do! inside tab.Page
                    do! tab.Screenshot "workers-shut"
                    do! tab.Goto "/workers"
                    do! shows (tab.Page.Locator "main") "Wrong token"
                    do! tab.Screenshot "wrong-token"
                })
    }

let tests =
    testSequencedGroup "browser" <| testList "Workers' link" [ restarted; shut ]
