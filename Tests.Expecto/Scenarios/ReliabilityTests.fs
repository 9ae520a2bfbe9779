/// Failures of nodes and networks: real nodes as processes, and no client notices.
module Tests.Expecto.Scenarios.ReliabilityTests

open Expecto
open Scenarios
open Tests.Expecto

let tests =
    testSequenced
    <| testList
        "Reliability"
        (ReliabilityScenarios.All
         |> ScenarioCase.named
             [
                 "kill"
                 "hang"
                 "flip-cut"
                 "duplicate-join"
                 "drain"
                 "drain-web"
                 "partition"
                 "shared-list"
                 "soak"
             ])
