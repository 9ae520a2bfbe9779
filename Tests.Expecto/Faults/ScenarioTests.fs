/// The short forms of the reliability programs: real nodes as processes, real faults, and nobody notices.
/// The long forms: `dotnet run -c Release --project bench/Reliability -- all`.
module Tests.Expecto.Faults.ScenarioTests

open System
open Expecto
open Bench.Proxy
open Reliability.Scenarios

let private seconds (value: float) = TimeSpan.FromSeconds value

let private short duration period =
    ScenarioOptions(seconds duration, 16, 1, seconds period)

let private holds (scenario: Scenario) options =
    testCaseTask $"{scenario.Name}: {scenario.Summary}"
    <| fun () ->
        task {
            let! report = scenario.RunAsync options
            Expect.isTrue report.Passed $"{report}"
        }

let private noise =
    NoiseScenario.All |> Seq.find (fun scenario -> scenario.Name = "flip-cut")

let private reads =
    NoiseScenario(
        "twice-join",
        "a tenth of one worker's messages arrive twice, of another's in one read with the next",
        FaultOptions(Duplicate = 0.1),
        FaultOptions(Join = 0.1)
    )

let tests =
    testSequenced
    <| testList
        "Scenarios"
        [
            holds (KillScenario()) (short 4.0 2.0)
            // The web node gives up a silent worker after 5 s.
            holds (HangScenario()) (short 7.0 7.0)
            holds noise (short 5.0 1.0)
            holds reads (short 3.0 1.0)
            holds (DrainScenario()) (short 5.0 2.0)
            holds (DrainWebScenario()) (short 5.0 1.0)
            holds (ApartScenario()) (short 4.0 1.0)
            // A request may wait for others on a busy machine, and here are few of them to have a turn.
            holds (SharedScenario(seconds 3.0)) (short 10.0 1.0)
            // Young nodes still grow: what can be told in a few seconds is that they don't explode.
            holds (SoakScenario(Growth(0.5, 12, 12))) (short 5.0 1.0)
        ]
