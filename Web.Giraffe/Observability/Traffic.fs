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
    let quantile (share: float) (counts: ReadOnlySpan<int>) =
        let mutable total = 0

        for count in counts do
            total <- total + count

        let wanted = max 1 (int (ceil (share * float total)))
        let mutable index = -1
        let mutable passed = 0

        while total > 0 && passed < wanted do
            index <- index + 1
            passed <- passed + counts[index]

        if index < 0 then 0.0 else middle index

/// The traffic of the last fifteen minutes, per second. Thread-safe.
[<Sealed>]
type Traffic(time: TimeProvider) =
    let seconds = 900
    let gate = obj ()
    // A ring buffer: a second's index is its number modulo the length. An outdated entry is cleared on use.
    let numbers = Array.create seconds -1L
    let requests = Array.zeroCreate<int> seconds
    let failures = Array.zeroCreate<int> seconds
    let steps = Array.zeroCreate<int>(seconds * Steps.count)

    let stepsOf place =
        Span<int>(steps, place * Steps.count, Steps.count)

    /// The number of seconds in the buffer.
    member _.Length = seconds

    member _.Now = time.GetUtcNow().ToUnixTimeSeconds()

    /// Records a request that ended now and took `elapsed`.
    member traffic.Record(elapsed: TimeSpan, failed: bool) =
        let now = traffic.Now
        let place = int (now % int64 seconds)

        lock gate (fun () ->
            if numbers[place] <> now then
                numbers[place] <- now
                requests[place] <- 0
                failures[place] <- 0
                (stepsOf place).Clear()

            requests[place] <- requests[place] + 1

            if failed then
                failures[place] <- failures[place] + 1

            let step = place * Steps.count + Steps.index elapsed
            steps[step] <- steps[step] + 1)

    /// Returns the seconds from `first` to `last` that had requests, in order; at most the last fifteen minutes.
    member traffic.Between(first: int64, last: int64) : TrafficSecond[] =
        lock gate (fun () ->
            [|
                for second in max first (last - int64 seconds + 1L) .. last do
                    let place = int (second % int64 seconds)

                    if numbers[place] = second then
                        {
                            Second = second
                            Requests = requests[place]
                            Failures = failures[place]
                            Median = Steps.quantile 0.5 (Span.op_Implicit (stepsOf place))
                            Slow = Steps.quantile 0.95 (Span.op_Implicit (stepsOf place))
                        }
            |])

    /// Returns the traffic of the sixty seconds up to now.
    member traffic.LastMinute() : TrafficMinute =
        let now = traffic.Now
        let counts = Array.zeroCreate<int> Steps.count
        let mutable total = 0
        let mutable failed = 0

        lock gate (fun () ->
            for second in now - 59L .. now do
                let place = int (second % int64 seconds)

                if numbers[place] = second then
                    total <- total + requests[place]
                    failed <- failed + failures[place]
                    let steps = stepsOf place

                    for step in 0 .. Steps.count - 1 do
                        counts[step] <- counts[step] + steps[step])

        {
            Requests = total
            Failures = failed
            Slow = Steps.quantile 0.95 (ReadOnlySpan counts)
        }

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
