/// bench/Scale: its choices are the pool's, and its waiting times those of queueing theory.
module Tests.Expecto.Scale.SimulationTests

open System
open Expecto
open Web.Giraffe
open Scale.Simulation
open Tests.Expecto.Web.PoolStateCommands

let private workers = 5

/// A request, with its chance; or the end of the nth that is under way.
type private Step =
    | Take of chance: byte
    | GiveBack of byte

let private pool turns =
    (PoolState.empty (policy turns OnFailure.Eject 2), [ 0uy .. byte (workers - 1) ])
    ||> List.fold (fun pool index ->
        let struct (pool, _) = PoolState.add (address index) pool
        pool)

let private alike turns =
    testProperty $"{turns}: the simulation chooses as the pool does"
    <| fun (steps: (bool * byte) list) ->
        let chooser = Chooser(turns, workers, 2, 0)
        let mutable pool = pool turns
        let mutable running: (Lease * int) list = []

        let steps =
            [ for takes, number in steps -> if takes then Take number else GiveBack number ]

        for step in steps do
            match step with
            | Take chance ->
                let chance = float chance / 256.0
                let worker = chooser.Take chance
                let struct (next, picked) = PoolState.pick TimeSpan.Zero chance Set.empty pool
                pool <- next

                match picked with
                | Chosen turn ->
                    Expect.equal turn.Address (address (byte worker)) "the same worker"
                    running <- running @ [ turn, worker ]
                | _ -> Expect.equal worker -1 "neither finds one"
            | GiveBack number when not running.IsEmpty ->
                let at = int number % running.Length
                let turn, worker = running[at]
                running <- List.removeAt at running
                chooser.GiveBack worker
                let struct (next, _) = PoolOutcomes.succeeded TimeSpan.Zero turn pool
                pool <- next
            | GiveBack _ -> ()

let private mean = 0.01

/// Times as an exponential distribution has them, in equal shares.
let private exponential =
    [|
        for index in 1..2000 -> -mean * Math.Log(1.0 - (float index - 0.5) / 2000.0)
    |]

let private near expected (value: float) what =
    Expect.isLessThan (abs (value / expected - 1.0)) 0.1 $"{what}: {value}, expected {expected}"

let tests =
    testList
        "Simulation"
        [
            for turns in Enum.GetValues<LoadBalancingPolicy>() do
                alike turns

            test "one worker with one lane waits as M/M/1 does" {
                let plan = Plan(1, 1, 1, Int32.MaxValue, exponential, 0.0, 0.0, 0.0, 3000.0, 3)
                let point = Run.At(plan, LoadBalancingPolicy.RoundRobin, 0.7)
                near (mean / 0.3 * Math.Log 2.0) point.Median "median"
                near (mean / 0.3 * Math.Log 100.0) point.Tail "99th percentile"
            }

            test "where a fifth is slow, round robin overfills it and the others don't" {
                let plan = Plan(2, 20, 2, 8, [| mean |], 0.2, 0.0, 0.0005, 20.0, 4)
                let tail turns = Run.At(plan, turns, 0.75).Tail
                let robin = tail LoadBalancingPolicy.RoundRobin
                Expect.isLessThan (tail LoadBalancingPolicy.LeastInFlight) (robin / 2.0) "least in flight"
                Expect.isLessThan (tail LoadBalancingPolicy.PowerOfTwoChoices) (robin / 1.5) "two choices"
            }

            test "workers that fail lose no request" {
                let plan = Plan(2, 10, 2, 8, [| mean |], 0.0, 0.1, 0.0005, 20.0, 5)

                for turns in Enum.GetValues<LoadBalancingPolicy>() do
                    Expect.isLessThan (Run.At(plan, turns, 0.6).Unanswered) 0.001 $"{turns}"
            }
        ]
