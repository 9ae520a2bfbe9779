namespace Web.Giraffe.Api

open System
open System.Threading.RateLimiting

/// How many pictures a second each key or address may send: .NET's own token buckets, which the framework's rate
/// limiting is made of. Where no limit is set, everything passes.
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
            PartitionedRateLimiter.Create<string, string>(fun who ->
                RateLimitPartition.GetTokenBucketLimiter(who, fun _ -> options))
            |> Some

    /// None when `who` may send so many pictures now; else how long to wait. More than the burst at once never may.
    member _.Take(who: string, pictures: int) : TimeSpan option =
        match buckets with
        | None -> None
        | Some _ when pictures > settings.Burst -> Some(TimeSpan.FromSeconds(float pictures / settings.Rate))
        | Some buckets ->
            use lease = buckets.AttemptAcquire(who, pictures)

            if lease.IsAcquired then
                None
            else
                match lease.TryGetMetadata MetadataName.RetryAfter with
                | true, wait -> Some wait
                | _ -> Some(TimeSpan.FromSeconds 1.0)

    interface IDisposable with
        member _.Dispose() = buckets |> Option.iter _.Dispose()

/// What guards the API.
type ApiAccess =
    {
        Settings: ApiSettings
        Keys: ApiKeys
        Limit: RateLimit
    }
