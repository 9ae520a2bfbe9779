namespace Web.Giraffe

open System

/// What one second brought.
type TrafficSecond =
    {
        /// Since 1970, UTC.
        Second: int64
        /// Pictures that got an answer, or none, in this second.
        Requests: int
        /// Those of them that got none through no fault of the picture.
        Failures: int
        /// Of the requests' times, milliseconds, within 8 %.
        Median: float
        /// Nineteen of twenty took no longer, milliseconds, within 8 %.
        Slow: float
    }

/// How long requests took, counted in steps that grow by 15 % from 1 ms to over 20 s.
[<RequireQualifiedAccess>]
module Steps =
    let private growth = log 1.15

    /// How many there are; the last takes whatever is longer.
    let count = 72

    let index (elapsed: TimeSpan) =
        let milliseconds = max 1.0 elapsed.TotalMilliseconds
        min (count - 1) (int (log milliseconds / growth))

    /// The middle of a step, milliseconds.
    let middle index = exp ((float index + 0.5) * growth)

    /// The time that this share of the counted does not exceed; 0 where nothing was counted.
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

/// The last fifteen minutes, second by second. Safe for many threads.
[<Sealed>]
type Traffic(time: TimeProvider) =
    let seconds = 900
    let gate = obj ()
    // A ring: a second's place is its number modulo the length, and a place of an older second is cleared when used.
    let numbers = Array.create seconds -1L
    let requests = Array.zeroCreate<int> seconds
    let failures = Array.zeroCreate<int> seconds
    let steps = Array.zeroCreate<int>(seconds * Steps.count)

    let stepsOf place =
        Span<int>(steps, place * Steps.count, Steps.count)

    /// How many seconds are remembered.
    member _.Length = seconds

    member _.Now = time.GetUtcNow().ToUnixTimeSeconds()

    /// A request ended now, after `elapsed`.
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

    /// The seconds from `first` to `last` that had requests, in their order; at most the last fifteen minutes.
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

/// Counts what goes through a recognizer. A user who goes away counts as nothing.
[<Sealed>]
type CountedRecognizer(inner: IRecognizer, traffic: Traffic, time: TimeProvider) =
    interface IRecognizer with
        member _.Classify(image, wishes, cancel) =
            task {
                let began = time.GetTimestamp()
                let! answer = inner.Classify(image, wishes, cancel)

                let failed =
                    match answer with
                    | Ok _
                    | Error(ImageRefused _) -> false
                    | Error _ -> true

                traffic.Record(time.GetElapsedTime began, failed)
                return answer
            }
