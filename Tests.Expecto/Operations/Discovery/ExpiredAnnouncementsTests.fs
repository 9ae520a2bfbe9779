/// Announcements that expire in Redis while their worker answers.
module Tests.Expecto.Operations.ExpiredAnnouncementsTests

open System
open System.Threading.Tasks
open Expecto
open Scenarios.Nodes
open Tests.Expecto
open Tests.Expecto.Operations.RedisServers

/// An operator changes the worker's password only.
let private expired =
    testTask "a worker that can't reach Redis any more but answers stays, and the web node reports it; a dead one goes" {
        let port = Nodes.freePort ()
        use! _ = plain port

        let! _ = cli port "acl setuser worker on >worker-secret ~* &* +@all"
        let worker = Nodes.freePort ()

        use! node =
            Nodes.web
                []
                [
                    $"--Registry:Redis=redis://:{password}@127.0.0.1:{port}"
                    "--Pool:CheckSeconds=1"
                    "--Pool:CheckDeadlineSeconds=10"
                ]

        let announcing = [ "--announce"; $"redis://worker:worker-secret@127.0.0.1:{port}" ]

        use! program = Nodes.worker worker announcing
        do! has node worker

        let logs (event: string) =
            Programs.logs 30.0 node.Node (fun () -> node.Node.Text.Contains event)

        // As a rotated password: the connection ends, and the next one is refused.
        let! _ = cli port "acl setuser worker resetpass >another-secret"
        let! _ = cli port "client kill user worker"
        do! logs "[2057]"
        do! Task.Delay 4000
        let! uses = node.Uses()
        Expect.equal (List.map fst uses) [ $"127.0.0.1:{worker}" ] "it stays"
        let! status, answer = node.Classify(Repository.photograph "dog.jpg")
        Expect.equal status 200 $"{answer}"
        // The old password is valid again.
        let! _ = cli port "acl setuser worker resetpass >worker-secret"
        do! logs "[2059]"
        do! has node worker
        program.Send Signal.Kill
        do! logs "[2058]"

        do!
            Programs.eventually 10.0 (fun () -> node.Node.Text) (fun () ->
                task {
                    let! uses = node.Uses()
                    return uses.IsEmpty
                })

        let count (event: string) =
            node.Node.Lines |> Array.filter _.Contains(event) |> Array.length

        Expect.equal (count "[2057]", count "[2059]", count "[2058]") (1, 1, 1) "each once"
        Expect.equal (count "[2006]") 0 "no operator removed it"
    }

let tests = testList "ExpiredAnnouncements" [ expired ]
