module Tests.Expecto.Web.RetryBudgetTests

open System
open Expecto
open Web.Giraffe

let private second (value: float) = TimeSpan.FromSeconds value

let private requests count now budget =
    (budget, seq { 1..count })
    ||> Seq.fold (fun budget _ -> RetryBudget.requested now budget)

/// Ends so many retries.
let private over count budget =
    (budget, seq { 1..count })
    ||> Seq.fold (fun budget _ -> RetryBudget.ended budget)

/// Requests so many retries. Returns the number of granted ones.
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
            test "three retries may run however few requests there are" {
                let budget, granted =
                    RetryBudget.empty |> requests 1 TimeSpan.Zero |> retries 10 TimeSpan.Zero

                Expect.equal granted 3 "granted"
                let budget, granted = budget |> over 2 |> retries 10 TimeSpan.Zero
                Expect.equal granted 2 "as many as have ended"
                Expect.equal (budget |> retries 1 (second 60.0) |> snd) 0 "time alone brings none"
            }

            test "retries may be a fifth of the requests" {
                let budget, granted =
                    RetryBudget.empty |> requests 100 (second 1.0) |> retries 100 (second 2.0)

                Expect.equal granted 20 "granted"
                Expect.equal (budget |> over 17 |> retries 10 (second 3.0) |> snd) 0 "three are still running"
            }

            test "requests older than ten seconds do not count" {
                let budget, _ =
                    RetryBudget.empty |> requests 100 (second 0.5) |> retries 100 (second 0.5)

                Expect.equal (snd (retries 10 (second 9.9) budget)) 0 "used up for now"
                let later = budget |> requests 100 (second 10.0) |> retries 100 (second 10.0)
                Expect.equal (snd later) 20 "all again"
            }

            testProperty "above a fifth of the window's requests no more than three retries run"
            <| fun (events: (byte * byte * byte) list) ->
                let mutable now = TimeSpan.Zero
                let mutable budget = RetryBudget.empty
                let mutable requested: TimeSpan list = []
                let mutable granted: TimeSpan list = []
                let mutable running = 0

                for tenths, kind, count in events do
                    now <- now + second (float tenths / 10.0)

                    let inWindow =
                        List.filter (fun time -> time >= second (floor now.TotalSeconds - 9.0))

                    match kind % 3uy with
                    | 0uy ->
                        budget <- requests (int count) now budget
                        requested <- List.replicate (int count) now @ requested
                    | 1uy ->
                        let some = min running (int count)
                        budget <- over some budget
                        running <- running - some
                    | _ ->
                        for _ in 1 .. int count do
                            let may = running < 3 || (inWindow granted).Length < (inWindow requested).Length / 5

                            let struct (next, was) = RetryBudget.tryRetry now budget
                            Expect.equal was may "granted"
                            budget <- next

                            if was then
                                granted <- now :: granted
                                running <- running + 1
        ]
