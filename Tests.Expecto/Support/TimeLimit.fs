/// A limit on the time of every test case.
module Tests.Expecto.TimeLimit

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Expecto

/// Longer than any case gives the programs that it runs.
let standard = TimeSpan.FromMinutes 20.0

/// The case runs on a thread of its own, so that one that blocks its thread is given up, too.
let private within (limit: TimeSpan) (case: Async<unit>) =
    async {
        use over = new CancellationTokenSource()

        let running =
            Task.Run<Choice<unit, exn>>(fun () -> Async.StartAsTask(Async.Catch case))

        let! first = Async.AwaitTask(Task.WhenAny(running, Task.Delay(limit, over.Token)))
        over.Cancel()

        if not (obj.ReferenceEquals(first, running)) then
            failtest $"The case did not end within {limit}."

        match running.Result with
        | Choice1Of2() -> ()
        | Choice2Of2 error -> ExceptionDispatchInfo.Throw error
    }

let private limited (limit: TimeSpan) (code: TestCode) : TestCode =
    match code with
    | Sync case -> Async(within limit (async { case () }))
    | SyncWithCancel case ->
        Async(
            within
                limit
                (async {
                    let! cancel = Async.CancellationToken
                    case cancel
                })
        )
    | Async case -> Async(within limit case)
    | AsyncFsCheck(config, stress, property) ->
        // FsCheck runs the property before it returns.
        AsyncFsCheck(config, stress, (fun given -> within limit (async { return! property given })))

/// Fails each case that takes longer, under its name, and goes on with the others. The case itself can't be stopped:
/// it ends with the process.
let rec onEvery (limit: TimeSpan) (test: Test) : Test =
    match test with
    | TestCase(code, state) -> TestCase(limited limit code, state)
    | TestList(tests, state) -> TestList(List.map (onEvery limit) tests, state)
    | TestLabel(label, test, state) -> TestLabel(label, onEvery limit test, state)
    | Test.Sequenced(way, test) -> Test.Sequenced(way, onEvery limit test)
