/// The short forms of the reliability programs: real nodes as processes, real faults, and nobody notices.
/// The long forms: `dotnet run -c Release --project bench/Reliability -- all`.
module Tests.Expecto.Faults.ScenarioTests

open System
open Expecto
open Reliability.Scenarios

let private seconds (value: float) = TimeSpan.FromSeconds value

let private short duration period =
    ScenarioOptions(seconds duration, 16, 1, seconds period)

let private holds (scenario: Scenario) options =
    testCaseTask $"{scenario.Name}: {scenario.Summary}"
    <| fun () ->
        task {
            let! report = scenario.RunAsync options

            match report.Skipped with
            | null -> Expect.isTrue report.Passed $"{report}"
            | reason -> skiptest reason
        }

let private noise name =
    NoiseScenario.All |> Seq.find (fun scenario -> scenario.Name = name)

let tests =
    testSequenced
    <| testList
        "Scenarios"
        [
            holds (KillScenario()) (short 6.0 2.0)
            // The web node gives up a silent worker after 5 s.
            holds (HangScenario()) (short 8.0 8.0)
            holds (noise "flip-cut") (short 5.0 1.0)
            holds (noise "twice") (short 3.0 1.0)
            holds (noise "join") (short 3.0 1.0)
            holds (DrainScenario()) (short 5.0 2.0)
            holds (DrainWebScenario()) (short 5.0 1.0)
            holds (ApartScenario()) (short 4.0 1.0)
            // Nodes that are young still grow.
            holds (SoakScenario(0.5)) (short 8.0 1.0)
        ]
