/// The short forms of Tests.Scenarios, and the tests of its parts. The long forms:
/// `dotnet run -c Release --project bench/Scenarios -- GROUP all`.
module Tests.Expecto.Scenarios.ScenariosTests

open System
open Expecto
open Scenarios
open Tests.Expecto

/// Runs the short form of a scenario: every condition of its report must hold, and what it needs must be there.
let private case (scenario: Scenario) =
    testTask $"{scenario.Name}: {scenario.Summary}" {
        let lines = ResizeArray<string>()
        let! report = scenario.RunAsync(scenario.ShortForm, Action<string>(lines.Add))

        if not (isNull report.Skipped) then
            failtest report.Skipped

        if report.Failures.Count > 0 then
            failtest (String.Join('\n', lines))
    }

// One after the other: they measure times, and load the machine.
let private group name (scenarios: Scenario seq) =
    testSequenced <| testList name [ for scenario in scenarios -> case scenario ]

/// The scenarios that the others do not imply.
let private reliability =
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
    ]
    |> List.map (fun name -> ReliabilityScenarios.All |> Seq.find (fun scenario -> scenario.Name = name))

let tests =
    testList
        "Scenarios"
        [
            ProxyTests.tests
            ProxyFaultTests.tests
            SimulationTests.tests
            group "Reliability" reliability
            group "Wire" WireScenarios.All
            group "Attacks" HostileScenarios.All
        ]
