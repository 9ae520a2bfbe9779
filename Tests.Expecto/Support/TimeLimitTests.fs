module Tests.Expecto.TimeLimitTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Expecto.Impl

/// Runs cases under a limit; the result of each by its name.
let private results limit cases =
    let config =
        { ExpectoConfig.defaultConfig with
            printer = TestPrinters.silent
        }

    async {
        let! ended = evalTests config (TimeLimit.onEvery limit (testList "limited" cases))
        return Map.ofList [ for case, summary in ended -> List.last case.name, summary.result ]
    }

/// The message of a failure.
let private failure name (results: Map<string, TestResult>) =
    match results[name] with
    | TestResult.Failed message -> message
    | other -> failtest $"{name}: {other}"

let private endless =
    testAsync "a case that does not end fails by its name, and the others go on" {
        use release = new ManualResetEventSlim()

        let! results =
            results
                (TimeSpan.FromSeconds 2.0)
                [
                    testCase "blocks its thread" (fun () -> release.Wait())
                    testCaseTask "blocks before its task" (fun () ->
                        release.Wait()
                        Task.FromResult())
                    testCaseAsync "waits for ever" (Async.Sleep Timeout.Infinite)
                    testCaseTask "never ends its task" (fun () -> task { do! Task.Delay(Timeout.InfiniteTimeSpan) })
                    testProperty "blocks in a property" (fun (_: int) -> release.Wait())
                    testCase "passes" ignore
                ]

        release.Set()
        Expect.equal results["passes"] TestResult.Passed "the one that ends"
        Expect.equal results.Count 6 "all have a result"

        for name in Map.keys (Map.remove "passes" results) do
            Expect.stringContains (failure name results) "did not end within 00:00:02" name
    }

let private ended =
    testAsync "a case that ends keeps its result" {
        let! results =
            results
                (TimeSpan.FromMinutes 5.0)
                [
                    testCase "fails" (fun () -> failtest "its message")
                    testCaseTask "fails in a task" (fun () -> task { failtest "its message" })
                    testCase "throws" (fun () -> raise (TimeoutException "its message"))
                    testProperty "is falsified" (fun (number: int) -> number <> number)
                ]

        Expect.stringContains (failure "fails" results) "its message" "the failure"
        // Expecto counts what a task throws as an exception.
        Expect.stringContains (string results["fails in a task"]) "its message" "the failure in a task"
        Expect.stringContains (failure "is falsified" results) "Failed after 1 test" "the property"

        match results["throws"] with
        | TestResult.Error(:? TimeoutException) -> ()
        | other -> failtest $"{other}"
    }

let tests = testList "TimeLimit" [ endless; ended ]
