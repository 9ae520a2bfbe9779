/// Tests.Scenarios in their short forms, and the parts they are made of.
module Tests.Expecto.Scenarios.ScenariosTests

open Expecto

let tests =
    testList
        "Scenarios"
        [
            ProxyTests.tests
            ProxyFaultTests.tests
            ReliabilityTests.tests
            WireTests.tests
            SimulationTests.tests
            AttacksTests.tests
        ]
