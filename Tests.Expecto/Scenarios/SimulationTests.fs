/// The simulation of large clusters: its waiting times are those of queueing theory.
module Tests.Expecto.Scenarios.SimulationTests

open System
open Expecto
open Scenarios.Scaling
open Web.Giraffe

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
            test "one worker with one executor waits like M/M/1" {
                let plan =
                    ClusterPlan(1, 1, 1, Int32.MaxValue, exponential, 0.0, 0.0, 0.0, 3000.0, 3)

                let result = Simulation.Run(plan, LoadBalancingPolicy.RoundRobin, 0.7)
                near (mean / 0.3 * Math.Log 2.0) result.Median "median"
                near (mean / 0.3 * Math.Log 100.0) result.Tail "99th percentile"
            }

            test "if a fifth of the workers is slow, round robin overloads it and the other policies do not" {
                let plan = ClusterPlan(2, 20, 2, 8, [| mean |], 0.2, 0.0, 0.0005, 20.0, 4)
                let tail policy = Simulation.Run(plan, policy, 0.75).Tail
                let robin = tail LoadBalancingPolicy.RoundRobin
                Expect.isLessThan (tail LoadBalancingPolicy.LeastInFlight) (robin / 2.0) "least in flight"
                Expect.isLessThan (tail LoadBalancingPolicy.PowerOfTwoChoices) (robin / 1.5) "two choices"
            }

            test "no request is lost while workers are drained" {
                let plan = ClusterPlan(2, 10, 2, 8, [| mean |], 0.0, 0.1, 0.0005, 20.0, 5)

                for policy in LoadBalancingPolicy.All do
                    Expect.isLessThan (Simulation.Run(plan, policy, 0.6).Unanswered) 0.001 $"{policy}"
            }
        ]
