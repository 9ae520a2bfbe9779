/// The short forms of bench/Wire: real nodes, real sockets, and goals that hold on a busy machine too.
/// The long forms: `dotnet run -c Release --project bench/Wire -- all`.
module Tests.Expecto.Wire.ScenarioTests

open System
open Expecto
open Wire
open Wire.Scenarios

let private short seconds =
    Work(6, TimeSpan.FromSeconds(float seconds), 4_000, 7)

/// Its figure is `right`, and nothing went wrong on the way.
let private holds (scenario: Scenario) work what right =
    testCaseTask $"{scenario.Name}: {scenario.Summary}"
    <| fun () ->
        task {
            let! finding = scenario.RunAsync work
            Expect.isEmpty finding.Problems $"{finding}"
            Expect.isTrue (right finding) $"{what}\n{finding}"
        }

let tests =
    testSequenced
    <| testList
        "Scenarios"
        [
            // A busy machine adds the same to both.
            holds (RoundTripScenario()) (short 1) "well below 1" (fun finding -> finding.Value < 0.75)
            holds (BytesScenario()) (short 1) "the goal itself" _.Reached
            holds (ThroughputScenario()) (short 4) "not slower than chance explains" (fun finding ->
                finding.Value > 0.6)
            holds (FlipsScenario()) (short 1) "none" _.Reached
            holds (MixedScenario()) (short 4) "none, and all three answer" _.Reached
            holds (OldClientScenario()) (short 3) "none" _.Reached
        ]
