namespace Web.Giraffe.Api

open System
open System.Threading.RateLimiting

/// Limits the pictures per second of each key or address with .NET's token buckets, the base of ASP.NET Core's rate
/// limiting. Without a configured limit, every request is allowed.
[<Sealed>]
type RateLimit(settings: ApiSettings) =
    let options =
        TokenBucketRateLimiterOptions(
            TokenLimit = settings.Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / max settings.Rate 0.01),
            QueueLimit = 0
        )

    let buckets =
        if settings.Rate = 0.0 then
            None
        else
            PartitionedRateLimiter.Create<string, string>(fun client ->
                RateLimitPartition.GetTokenBucketLimiter(client, fun _ -> options))
            |> Some

    /// Returns None if the request is allowed, else the wait. `pictures` is at most the burst size.
    member _.Take(client: string, pictures: int) : TimeSpan option =
        match buckets with
        | None -> None
        | Some buckets ->
            use lease = buckets.AttemptAcquire(client, pictures)

            if lease.IsAcquired then
                None
            else
                match lease.TryGetMetadata MetadataName.RetryAfter with
                | true, wait -> Some wait
                | _ -> Some(TimeSpan.FromSeconds 1.0)

    /// Returns the headers that tell the caller its limit (draft-ietf-httpapi-ratelimit-headers): the pictures that it
    /// may send now, and the seconds until its full quota is restored; none without a limit.
    member _.Headers(client: string) : (string * string) list =
        match buckets with
        | None -> []
        | Some buckets ->
            let left =
                match buckets.GetStatistics client with
                | null -> settings.Burst
                | statistics -> int statistics.CurrentAvailablePermits

            let seconds (pictures: int) =
                int64 (ceil (float pictures / settings.Rate))

            [
                "RateLimit-Policy", $"\"pictures\";q={settings.Burst};w={max 1L (seconds settings.Burst)}"
                "RateLimit", $"\"pictures\";r={left};t={seconds (settings.Burst - left)}"
            ]

    interface IDisposable with
        member _.Dispose() = buckets |> Option.iter _.Dispose()

/// The access control of the API.
type ApiAccess =
    {
        Settings: ApiSettings
        Keys: ApiKeys
        Limit: RateLimit
    }
