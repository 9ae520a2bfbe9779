namespace Web.Giraffe

open System

/// The traffic of one second.
type TrafficSecond =
    {
        /// The second since 1970, UTC.
        Second: int64
        /// The number of requests that ended in this second.
        Requests: int
        /// The requests that failed for a reason other than the picture.
        Failures: int
        /// The median request time, milliseconds, within 8 %.
        Median: float
        /// The 95th percentile of the request time, milliseconds, within 8 %.
        Slow: float
    }

/// The traffic of the last minute.
type TrafficMinute =
    {
        Requests: int
        /// The requests that failed for a reason other than the picture.
        Failures: int
        /// The 95th percentile of the request time, milliseconds, within 8 %; 0 without requests.
        Slow: float
    }

/// A histogram of request times: the buckets grow by 15 % from 1 ms to over 20 s.
[<RequireQualifiedAccess>]
module Steps =
    let private growth = log 1.15

    /// The number of buckets; the last one holds all longer times.
    let count = 72

    let index (elapsed: TimeSpan) =
        let milliseconds = max 1.0 elapsed.TotalMilliseconds
        min (count - 1) (int (log milliseconds / growth))

    /// Returns the middle of a bucket, milliseconds.
    let middle index = exp ((float index + 0.5) * growth)

    /// Returns the time that the `share` of requests does not exceed; 0 without requests.
    let quantile (share: float) (counts: int[]) =
        let total = Array.sum counts
        let wanted = max 1 (int (ceil (share * float total)))
        let mutable index = -1
        let mutable passed = 0

        while total > 0 && passed < wanted do
            index <- index + 1
            passed <- passed + counts[index]

        if index < 0 then 0.0 else middle index

/// The requests that ended in one second.
[<Sealed>]
type private SecondCounts(second: int64) =
    member _.Second = second
    member val Requests = 0 with get, set
    member val Failures = 0 with get, set
    member val Steps = Array.zeroCreate<int> Steps.count

/// The traffic of the last fifteen minutes, per second. Thread-safe.
[<Sealed>]
type Traffic(time: TimeProvider) =
    let gate = obj ()
    // A ring buffer: a second's index is its number modulo the length. An outdated entry is replaced on use.
    let seconds = Array.create 900 (SecondCounts(-1L))
    let index (second: int64) = int (second % int64 seconds.Length)

    // Call under the lock.
    let between (first: int64) (last: int64) =
        [|
            for second in max first (last - int64 seconds.Length + 1L) .. last do
                let counts = seconds[index second]

                if counts.Second = second then
                    counts
        |]

    /// The number of seconds in the buffer.
    member _.Length = seconds.Length

    member _.Now = time.GetUtcNow().ToUnixTimeSeconds()

    /// Records a request that ended now and took `elapsed`.
    member traffic.Record(elapsed: TimeSpan, failed: bool) =
        let now = traffic.Now

        lock gate (fun () ->
            if seconds[index now].Second <> now then
                seconds[index now] <- SecondCounts now

            let counts = seconds[index now]
            counts.Requests <- counts.Requests + 1

            if failed then
                counts.Failures <- counts.Failures + 1

            let step = Steps.index elapsed
            counts.Steps[step] <- counts.Steps[step] + 1)

    /// Returns the seconds from `first` to `last` that had requests, in order; at most the last fifteen minutes.
    member _.Between(first: int64, last: int64) : TrafficSecond[] =
        lock gate (fun () ->
            between first last
            |> Array.map (fun counts ->
                {
                    Second = counts.Second
                    Requests = counts.Requests
                    Failures = counts.Failures
                    Median = Steps.quantile 0.5 counts.Steps
                    Slow = Steps.quantile 0.95 counts.Steps
                }))

    /// Returns the traffic of the sixty seconds up to now.
    member traffic.LastMinute() : TrafficMinute =
        let now = traffic.Now

        lock gate (fun () ->
            let minute = between (now - 59L) now

            {
                Requests = minute |> Array.sumBy _.Requests
                Failures = minute |> Array.sumBy _.Failures
                Slow =
                    Array.init Steps.count (fun step -> minute |> Array.sumBy (fun counts -> counts.Steps[step]))
                    |> Steps.quantile 0.95
            })

/// Counts the requests of a recognizer. Cancelled requests are not counted.
[<Sealed>]
type CountedRecognizer(inner: IRecognizer, traffic: Traffic, time: TimeProvider) =
    interface IRecognizer with
        member _.Classify(image, options, cancel) =
            task {
                let began = time.GetTimestamp()
                let! answer = inner.Classify(image, options, cancel)

                let failed =
                    match answer with
                    | Ok _
                    | Error(ImageRefused _) -> false
                    | Error _ -> true

                traffic.Record(time.GetElapsedTime began, failed)
                return answer
            }
