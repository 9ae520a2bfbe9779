module Tests.Expecto.Web.RetryBudgetTests

open System
open Expecto
open Web.Giraffe

let private second (value: float) = TimeSpan.FromSeconds value

let private requests count now budget =
    (budget, seq { 1..count })
    ||> Seq.fold (fun budget _ -> RetryBudget.requested now budget)

/// As many as are granted, up to `count`.
let private retries count now budget =
    ((budget, 0), seq { 1..count })
    ||> Seq.fold (fun (budget, granted) _ ->
        match RetryBudget.tryRetry now budget with
        | struct (budget, true) -> budget, granted + 1
        | struct (budget, false) -> budget, granted)

let tests =
    testList
        "RetryBudget"
        [
            test "three at least, however few requests there are" {
                let _, granted =
                    RetryBudget.empty |> requests 1 TimeSpan.Zero |> retries 10 TimeSpan.Zero

                Expect.equal granted 3 "granted"
            }

            test "a fifth of the requests, where that is more" {
                let _, granted =
                    RetryBudget.empty |> requests 100 (second 1.0) |> retries 100 (second 2.0)

                Expect.equal granted 20 "granted"
            }

            test "what is older than ten seconds counts no more" {
                let budget, _ =
                    RetryBudget.empty |> requests 100 (second 0.5) |> retries 100 (second 0.5)

                Expect.equal (snd (retries 10 (second 9.9) budget)) 0 "used up for now"
                Expect.equal (snd (retries 10 (second 10.0) budget)) 3 "as good as new"
            }

            testProperty "never more than the budget of the window"
            <| fun (events: (byte * bool * byte) list) ->
                let mutable now = TimeSpan.Zero
                let mutable budget = RetryBudget.empty
                let mutable asked: TimeSpan list = []
                let mutable granted: TimeSpan list = []

                for tenths, isRetry, count in events do
                    now <- now + second (float tenths / 10.0)
                    let window = second (floor now.TotalSeconds - 9.0)

                    if isRetry then
                        let next, some = retries (int count) now budget
                        budget <- next
                        let before = granted |> List.filter (fun time -> time >= window) |> List.length
                        let base' = asked |> List.filter (fun time -> time >= window) |> List.length
                        Expect.equal some (min (int count) (max 0 (max 3 (base' / 5) - before))) "granted"
                        granted <- List.replicate some now @ granted
                    else
                        budget <- requests (int count) now budget
                        asked <- List.replicate (int count) now @ asked
        ]
