/// Attacks on the service, as strangers may make them.
module Tests.Expecto.Scenarios.AttacksTests

open Expecto
open Scenarios
open Tests.Expecto

// One after the other: they measure times, and load the machine.
let tests =
    testSequenced
    <| testList "Attacks" [ for attack in HostileScenarios.All -> ScenarioCase.ofScenario attack ]
