/// The connection of the workers' page to the server: lost, restored, and no longer allowed.
module Tests.Expecto.Browser.WorkersLinkTests

open Expecto
open Tests.Expecto

let private token = "an-admin-token-of-the-tests"

let private restarted =
    withWorkers 0 "the page reconnects after a restart of the server" desktop [ "--Pool:CheckSeconds=0" ]
    <| fun tab web ->
        task {
            do! tab.Goto "/workers"
            let link = tab.Page.Locator "#link"
            do! shows link "Live"
            do! kill web
            do! shows link "Reconnecting"
            do! enter tab "127.0.0.1:7780"
            do! shows (tab.Page.Locator "#notice") "Can't reach the server"
            do! tab.Screenshot "workers-lost"
            let other = $"127.0.0.1:{Nodes.freePort ()}"
            use! _node = restart web [ "--worker"; other ]
            do! shows link "Live"
            // The list is the new server's.
            do! visible (row tab other)
            do! count (tab.Page.Locator "tr[data-worker]") 1
        }

let private shut =
    withWorkers
        0
        "when the token changes, the page stops polling and says how to enter the new one"
        { desktop with Password = Some token }
        [ $"--Admin:Token={token}" ]
    <| fun tab web ->
        task {
            do! tab.Goto "/workers"
            let link = tab.Page.Locator "#link"
            do! shows link "Live"
            do! kill web
            use! _node = restart web [ "--Admin:Token=another-token-of-the-tests" ]
            do! shows link "Not connected"
            do! shows (tab.Page.Locator "#notice") "enter the administrator token as the password"
            do! inside tab.Page
            do! tab.Screenshot "workers-shut"
            do! tab.Goto "/workers"
            do! shows (tab.Page.Locator "main") "Wrong token"
            do! tab.Screenshot "wrong-token"
        }

let tests =
    testSequencedGroup "browser" <| testList "Workers' link" [ restarted; shut ]
