namespace Web.Giraffe

open System
open System.Diagnostics.Metrics
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Node.Hosting

/// Gauges of the node itself, read when metrics are collected. `redisUp` is none without a shared list.
[<Sealed>]
type NodeGauges(tls: ClientTls, redisUp: (unit -> bool) option) =
    let meter = new Meter(WebMeter.Name)

    do
        let build = BuildInfo.Current

        meter.CreateObservableGauge<int64>(
            "recognition.web.build.info",
            (fun () -> Measurement(1L, WebMeter.tag "version" build.Version, WebMeter.tag "commit" build.Commit)),
            null,
            "1, with the version and the commit that run."
        )
        |> ignore

        match redisUp with
        | Some isUp ->
            meter.CreateObservableGauge<int64>(
                "recognition.web.redis.up",
                (fun () -> if isUp () then 1L else 0L),
                null,
                "1 while the Redis with the shared worker list answers, else 0."
            )
            |> ignore
        | None -> ()

        let certificates () : Measurement<float> seq =
            let seconds (time: DateTimeOffset) = float (time.ToUnixTimeSeconds())

            [
                match tls.TlsCertificate with
                | Some own -> Measurement(seconds own.Expiry, WebMeter.tag "certificate" "own")
                | None -> ()

                match Option.ofNullable tls.TrustStore.Expiry with
                | Some expiry -> Measurement(seconds expiry, WebMeter.tag "certificate" "ca")
                | None -> ()
            ]

        meter.CreateObservableGauge<float>(
            "recognition.web.certificate.expiry.timestamp",
            Func<Measurement<float> seq> certificates,
            "s",
            "When the certificate towards the workers, or the first of their authorities, expires: seconds since 1970."
        )
        |> ignore

    // A hosted service, so that the gauges exist from the start.
    interface IHostedService with
        member _.StartAsync _ = Task.CompletedTask
        member _.StopAsync _ = Task.CompletedTask

    interface IDisposable with
        member _.Dispose() = meter.Dispose()
