/// The last fifteen minutes, on a clock that only the test moves.
module Tests.Expecto.Web.TrafficTests

open System
open System.Buffers
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Time.Testing
open Protocol.Core
open Web.Giraffe

let private milliseconds (value: float) = TimeSpan.FromMilliseconds value

let private recognizer answer =
    { new IRecognizer with
        member _.Classify(_, _, _) = Task.FromResult answer
    }

let tests =
    testList
        "Traffic"
        [
            testProperty "a quantile of one time is that time, within 8 %"
            <| fun (tenths: uint16) ->
                let time = 1.0 + float (tenths % 20000us)
                let counts = Array.zeroCreate Steps.count
                let index = Steps.index (milliseconds time)
                counts[index] <- 3

                for share in [ 0.01; 0.5; 0.95; 1.0 ] do
                    let reported = Steps.quantile share counts
                    Expect.isLessThan (abs (reported - time) / time) 0.08 $"{time} ms is reported as {reported}"

            test "times beyond the histogram's steps count in its last one" {
                Expect.equal (Steps.index (TimeSpan.FromHours 1.0)) (Steps.count - 1) "an hour"
                Expect.equal (Steps.index TimeSpan.Zero) 0 "nothing"
                Expect.equal (Steps.quantile 0.5 (Array.zeroCreate Steps.count)) 0.0 "of nothing"
            }

            test "each second has its requests, failures, median and slow ones, for fifteen minutes" {
                let time = FakeTimeProvider(DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
                let traffic = Traffic time
                let first = traffic.Now

                for _ in 1..18 do
                    traffic.Record(milliseconds 10.0, false)

                traffic.Record(milliseconds 500.0, true)
                traffic.Record(milliseconds 500.0, true)
                time.Advance(TimeSpan.FromSeconds 5.0)
                traffic.Record(milliseconds 20.0, false)

                match traffic.Between(Int64.MinValue, traffic.Now) with
                | [| busy; quiet |] ->
                    Expect.equal (busy.Second, busy.Requests, busy.Failures) (first, 20, 2) "the busy second"
                    Expect.isLessThan (abs (busy.Median - 10.0)) 0.8 "its median"
                    Expect.isLessThan (abs (busy.Slow - 500.0)) 40.0 "its slow ones"
                    Expect.equal (quiet.Second, quiet.Requests) (first + 5L, 1) "the other one"
                | other -> failtest $"{other}"

                Expect.hasLength (traffic.Between(first + 1L, traffic.Now)) 1 "from a second on"
                time.Advance(TimeSpan.FromSeconds 896.0)
                Expect.hasLength (traffic.Between(0L, traffic.Now)) 1 "the first one is too old"
                time.Advance(TimeSpan.FromSeconds 900.0)
                traffic.Record(milliseconds 20.0, false)
                Expect.hasLength (traffic.Between(0L, traffic.Now)) 1 "and its place is another second's"
            }

            testTask "a missing worker counts as a failure, an undecodable picture does not" {
                let traffic = Traffic TimeProvider.System

                for answer in
                    [
                        Error NoActiveWorker
                        Error OutOfTime
                        Error(ImageRefused(WorkerAddress.withoutTls "worker" 1, Refusal.unexplained))
                    ] do
                    let counted =
                        CountedRecognizer(recognizer answer, traffic, TimeProvider.System) :> IRecognizer

                    let! output =
                        counted.Classify(ReadOnlySequence [| 1uy |], ClassifyOptions.None, CancellationToken.None)

                    Expect.equal output answer "the same answer"

                let seconds = traffic.Between(0L, traffic.Now + 1L)
                Expect.equal (seconds |> Array.sumBy _.Requests) 3 "requests"
                Expect.equal (seconds |> Array.sumBy _.Failures) 2 "failures"
            }
        ]
