/// The extended exchange against the plain one: real nodes, real sockets, and limits that hold on a busy machine too.
module Tests.Expecto.Scenarios.WireTests

open Expecto
open Scenarios
open Tests.Expecto

let tests =
    testSequenced
    <| testList "Wire" [ for scenario in WireScenarios.All -> ScenarioCase.ofScenario scenario ]
