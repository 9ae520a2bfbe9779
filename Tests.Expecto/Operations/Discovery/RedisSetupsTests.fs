/// The kinds of Redis that operators run: shared with others, over TLS, behind sentinels, a cluster; and wrong settings.
module Tests.Expecto.Operations.RedisSetupsTests

open System.IO
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Tests.Expecto.Operations.RedisServers

let private prefix =
    testTask "two services share a Redis, each under its prefix" {
        let port = Nodes.freePort ()
        use! _ = plain port
        let address = $"redis://:{password}@127.0.0.1:{port}"
        let first, second = Nodes.freePort (), Nodes.freePort ()
        use! _ = Nodes.worker first [ "--announce"; $"{address}?prefix=red" ]
        use! _ = Nodes.worker second [ "--announce"; $"{address}?prefix=blue" ]
        use! red = web $"{address}?prefix=red"
        use! blue = web $"{address}?prefix=blue"
        do! has red first
        do! has blue second
        let! keys = cli port "--scan"

        for key in keys.Split '\n' do
            Expect.isTrue (Regex.IsMatch(key, "^(red|blue):{recognition}:")) key
    }

let private tls =
    testTask "a Redis over TLS is trusted by the file of its authority, and by no other" {
        use authority = new Authority("Redis authority")
        use stranger = new Authority("Another authority")
        let pair = authority.Sign("redis", Server [ "127.0.0.1" ])
        let port = Nodes.freePort ()

        use! _ =
            $"--port 0 --tls-port {port} --tls-cert-file {pair.Certificate} --tls-key-file {pair.Key} "
            + $"--tls-ca-cert-file {authority.File} --tls-auth-clients no --requirepass {password}"
            |> server port

        let address = $"rediss://:{password}@127.0.0.1:{port}"
        do! shares $"{address}?ca={authority.File}"
        use! distrustful = web $"{address}?ca={stranger.File}"

        do! Programs.logs 15.0 distrustful.Node (fun () -> distrustful.Node.Text.Contains "[2050]")

        Expect.stringContains distrustful.Node.Text "no TLS handshake with a trusted certificate" "why"

        use missing =
            Nodes.startWeb (Nodes.freePort ()) [ $"--Registry:Redis={address}?ca=/nowhere.pem" ]

        do! Programs.refuses "/nowhere.pem" missing
        let! code = missing.EndedAsync(within 5.0)
        Expect.equal code 2 "a wrong setting"
        do! refusesWith $"redis://:{password}@127.0.0.1:{port}" "a port that speaks TLS needs rediss://"
    }

let private sentinel =
    testTask "the primary is found by its sentinels, and the next one when it fails" {
        let primary, replica, watcher =
            Nodes.freePort (), Nodes.freePort (), Nodes.freePort ()

        let secured = $"--requirepass {password} --masterauth {password}"
        use! first = server primary $"--port {primary} {secured}"
        use! _ = server replica $"--port {replica} --replicaof 127.0.0.1 {primary} {secured}"

        let file = Path.Combine(Programs.folder "sentinel", "sentinel.conf")

        File.WriteAllLines(
            file,
            [
                $"port {watcher}"
                "bind 127.0.0.1"
                $"requirepass {password}"
                $"sentinel monitor recognition 127.0.0.1 {primary} 1"
                $"sentinel auth-pass recognition {password}"
                "sentinel down-after-milliseconds recognition 1000"
                "sentinel failover-timeout recognition 5000"
            ]
        )

        use sentinel = Node.Start("sentinel", "redis-server", [ file; "--sentinel" ], [])
        do! sentinel.UntilAsync("listening", within 20.0, (fun () -> Nodes.listens watcher))

        do!
            Programs.eventually 30.0 (fun () -> sentinel.Text) (fun () ->
                task {
                    let! known = cli watcher "sentinel replicas recognition"
                    return known.Contains(string replica)
                })

        let address = $"redis://:{password}@127.0.0.1:{watcher}?sentinel=recognition"

        do! refusesWith $"redis://:{password}@127.0.0.1:{watcher}?sentinel=other" "no primary of 'other'"
        do! refusesWith $"redis://:{password}@127.0.0.1:{watcher}" "it is a sentinel"
        let port = Nodes.freePort ()
        use! _ = Nodes.worker port [ "--announce"; address ]
        use! node = web address
        do! has node port
        first.Send Signal.Kill

        // Only what is written to the new primary is seen by a node that starts now.
        do!
            Programs.eventually 60.0 (fun () -> sentinel.Text) (fun () ->
                task {
                    let! leader = cli watcher "sentinel get-master-addr-by-name recognition"
                    return leader.Contains(string replica)
                })

        use! other = web address
        do! has other port
        do! has node port
    }

let private cluster =
    testTask "a cluster keeps the list on one of its nodes" {
        let first, second = Nodes.freePort (), Nodes.freePort ()

        let start port =
            $"--port {port} --cluster-enabled yes --cluster-port {Nodes.freePort ()} "
            + $"--requirepass {password} --masterauth {password}"
            |> server port

        use! _ = start first
        use! _ = start second
        // The key's slot, 4389, is on the second node: the first one refers to it.
        let! _ = cli first "cluster addslotsrange 8000 16383"
        let! _ = cli second "cluster addslotsrange 0 7999"
        let! setting = cli second "config get cluster-port"
        let bus = setting.Split('\n')[1]
        let! _ = cli first $"cluster meet 127.0.0.1 {second} {bus}"

        do!
            Programs.eventually 30.0 (fun () -> "cluster_state:ok") (fun () ->
                task {
                    let! one = cli first "cluster info"
                    let! other = cli second "cluster info"
                    return one.Contains "cluster_state:ok" && other.Contains "cluster_state:ok"
                })

        let address = $"redis://:{password}@127.0.0.1:{first},127.0.0.1:{second}"
        do! shares address
        do! refusesWith $"{address}/3" "a cluster has only database 0, not 3"
    }

let private wrong =
    testTask "a wrong password, a database that is not there and TLS to a plain port are one line with the cause" {
        let port = Nodes.freePort ()
        use! _ = plain port
        do! refusesWith $"redis://:not-{password[..5]}@127.0.0.1:{port}" "wrong user or password"
        do! refusesWith $"redis://127.0.0.1:{port}" "wrong user or password"
        do! refusesWith $"redis://:{password}@127.0.0.1:{port}/999" "there is no database 999"
        do! refusesWith $"rediss://:{password}@127.0.0.1:{port}" "rediss:// needs a port that speaks TLS"
        use! other = Nodes.web [] []
        do! refusesWith $"redis://127.0.0.1:{other.Port}" "the port is not a Redis port"
    }

// Most of their time is waiting: they run beside other tests.
let tests = testList "Redis setups" [ prefix; tls; sentinel; cluster; wrong ]
