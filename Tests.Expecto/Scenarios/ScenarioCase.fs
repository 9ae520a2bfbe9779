/// Test cases of Tests.Scenarios. The long forms: `dotnet run -c Release --project bench/Scenarios -- GROUP all`.
module Tests.Expecto.Scenarios.ScenarioCase

open System
open Expecto
open Tests.Expecto
open Scenarios

/// Runs the short form of a scenario; every condition of its report must hold, and what it needs must be there.
let ofScenario (scenario: Scenario) =
    testTask $"{scenario.Name}: {scenario.Summary}" {
        let lines = ResizeArray<string>()
        let! report = scenario.RunAsync(scenario.ShortForm, Action<string>(lines.Add))

        if not (isNull report.Skipped) then
            failtest report.Skipped

        if report.Failures.Count > 0 then
            failtest (String.Join('\n', lines))
    }

/// Runs those with these names, in this order.
let named names (all: Scenario seq) =
    [
        for name in names -> all |> Seq.find (fun one -> one.Name = name) |> ofScenario
    ]
