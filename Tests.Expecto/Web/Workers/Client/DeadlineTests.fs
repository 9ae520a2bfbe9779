/// Timeouts that are restarted, and exceptions that pass through the measurements.
module Tests.Expecto.Web.DeadlineTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe

/// A clock that calls `OnTimer` when a timer is created.
type private ClockWithHook() =
    inherit FakeTimeProvider()
    member val OnTimer: unit -> unit = ignore with get, set

    override clock.CreateTimer(callback, state, due, period) =
        clock.OnTimer()
        base.CreateTimer(callback, state, due, period)

let private throws (broken: exn) : Task<Result<Classification, ClassifyError>> =
    task {
        do! Task.Yield()
        return raise broken
    }

let tests =
    testList
        "Deadline"
        [
            test "a deadline fires when its time is over, and can be restarted" {
                let time = FakeTimeProvider()
                use gone = new CancellationTokenSource()
                use deadline = new Deadline(time, gone.Token)

                for _ in 1..3 do
                    let token = deadline.Set(TimeSpan.FromSeconds 1.0)
                    time.Advance(TimeSpan.FromSeconds 0.9)
                    Expect.isFalse token.IsCancellationRequested "not yet"
                    time.Advance(TimeSpan.FromSeconds 0.2)
                    Expect.isTrue token.IsCancellationRequested "now"
                    Expect.isTrue deadline.HasPassed "it was the timeout"

                let token = deadline.Set(TimeSpan.FromSeconds 1.0)
                deadline.Clear()
                time.Advance(TimeSpan.FromHours 1.0)
                Expect.isFalse token.IsCancellationRequested "cleared"
                gone.Cancel()
                Expect.isTrue token.IsCancellationRequested "the user disconnects"
                Expect.isFalse deadline.HasPassed "it was not the timeout"
            }

            test "a cancellation during a restart meets no disposed source" {
                let time = ClockWithHook()
                use gone = new CancellationTokenSource()
                use deadline = new Deadline(time, gone.Token)
                deadline.Set(TimeSpan.FromSeconds 1.0) |> ignore
                time.Advance(TimeSpan.FromSeconds 2.0)
                let mutable failed: exn list = []

                time.OnTimer <-
                    fun () ->
                        try
                            gone.Cancel()
                        with broken ->
                            failed <- broken :: failed

                Expect.throwsT<OperationCanceledException>
                    (fun () -> deadline.Set(TimeSpan.FromSeconds 1.0) |> ignore)
                    "the user disconnects"

                Expect.isEmpty failed "and cancelling throws nothing"
            }

            testTask "an exception that passes through the measurements keeps its stack trace" {
                for broken in [ InvalidOperationException "bug" :> exn; OperationCanceledException "gone" ] do
                    try
                        let! _ = WorkersMetrics.request TimeProvider.System 1 (fun () -> throws broken)
                        failtest "it throws"
                    with caught ->
                        Expect.equal caught.Message broken.Message "the same one"
                        Expect.stringContains (string caught.StackTrace) (nameof throws) "from where it was thrown"
            }
        ]
