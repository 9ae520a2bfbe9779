/// The attacks of bench/Hostile, in their short form; `dotnet run -c Release --project bench/Hostile -- all` is the long one.
module Tests.Expecto.Hostile.AttacksTests

open System
open Expecto
open global.Hostile.Attacks

let private attack (one: Attack) =
    testCaseTask $"{one.Name}: {one.Summary}"
    <| fun () ->
        task {
            let lines = ResizeArray<string>()
            let report = Report(Action<string>(lines.Add))
            do! report.RunAsync(one, Scale.Brief)

            if report.Failures.Count > 0 then
                failtest (String.Join('\n', lines))
        }

// One after the other: they measure times, and load the machine.
let tests =
    testSequenced (testList "Attacks" [ for one in Attack.All -> attack one ])
