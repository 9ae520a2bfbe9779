/// The pool's policy against a model: any order of what can happen to it.
module Tests.Expecto.Web.WorkerPoolTests

open System
open Expecto
open Web.Giraffe
open Tests.Expecto.Web.WorkerPoolCommands
open Tests.Expecto.Web.WorkerPoolModel

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 2_000
        endSize = 150
    }

let private pick tried pool =
    match WorkerPool.pick TimeSpan.Zero tried pool with
    | struct (pool, Chosen turn) -> turn, pool
    | struct (_, picked) -> failtest $"{picked}"

let private withWorkers count inFlight =
    (WorkerPool.empty (policy OnFailure.Eject inFlight), [ 0uy .. byte (count - 1) ])
    ||> List.fold (fun pool index ->
        let struct (pool, _) = WorkerPool.add (address index) pool
        pool)

let tests =
    testList
        "WorkerPool"
        [
            for onFailure in [ OnFailure.Eject; OnFailure.Remove ] do
                for inFlight in [ 1; 2; 1000 ] do
                    testPropertyWithConfig
                        config
                        $"any order of events agrees with the model ({onFailure}, {inFlight} in flight)"
                    <| fun (commands: Command list) ->
                        Model(policy onFailure inFlight).Run(Add 0uy :: Add 1uy :: Add 2uy :: commands)

            test "five picks of three workers are shared 2-2-1" {
                let mutable pool = withWorkers 3 8

                for _ in 1..5 do
                    pool <- snd (pick Set.empty pool)

                let uses = WorkerPool.workers pool |> Array.map _.Uses
                Expect.equal uses [| 2L; 2L; 1L |] "uses"
            }

            test "a request that has failed is a probe only where nothing else is left" {
                let first, pool = pick Set.empty (withWorkers 2 8)
                let struct (pool, _) = WorkerPool.failed TimeSpan.Zero 0.0 first "cut" pool
                let later = TimeSpan.FromMinutes 1.0
                let other = Set.singleton (WorkerAddress.plain "elsewhere" 1)

                match WorkerPool.pick later other pool with
                | struct (_, Chosen turn) -> Expect.equal turn.Address (address 1uy) "the one in the rotation"
                | struct (_, picked) -> failtest $"{picked}"

                match WorkerPool.pick later (Set.singleton (address 1uy)) pool with
                | struct (_, Chosen turn) -> Expect.equal turn.Address (address 0uy) "the one that is due"
                | struct (_, picked) -> failtest $"{picked}"
            }

            test "while nobody is in the rotation, those that are out are checked every second" {
                let interval = TimeSpan.FromSeconds 10.0
                let turn, pool = pick Set.empty (withWorkers 1 8)
                let struct (pool, _) = WorkerPool.failed TimeSpan.Zero 0.0 turn "cut" pool
                let struct (pool, check) = WorkerPool.beginCheck TimeSpan.Zero (address 0uy) pool
                let struct (pool, _) = WorkerPool.failed TimeSpan.Zero 0.0 check.Value "cut" pool

                let due (seconds: float) =
                    WorkerPool.toCheck (TimeSpan.FromSeconds seconds) interval pool

                Expect.isEmpty (due 0.5) "not yet"
                Expect.equal (due 1.0) [ address 0uy ] "after a second"

                let struct (pool, _) = WorkerPool.add (address 1uy) pool

                let due (seconds: float) =
                    WorkerPool.toCheck (TimeSpan.FromSeconds seconds) interval pool

                Expect.equal (due 1.0) [ address 1uy ] "the new one, which nobody has asked yet"
                Expect.equal (due 5.0) [ address 0uy; address 1uy ] "when its time has come"
            }

            test "a worker that just answered a user is not checked" {
                let turn, pool = pick Set.empty (withWorkers 1 8)
                let struct (pool, _) = WorkerPool.succeeded (TimeSpan.FromSeconds 1.0) turn pool

                let due (seconds: float) =
                    WorkerPool.toCheck (TimeSpan.FromSeconds seconds) (TimeSpan.FromSeconds 10.0) pool

                Expect.isEmpty (due 10.9) "within the interval"
                Expect.equal (due 11.0) [ address 0uy ] "after it"
            }
        ]
