namespace Web.Giraffe

open System
open System.Globalization
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Microsoft.Extensions.Logging.Console
open OpenTelemetry
open OpenTelemetry.Exporter
open OpenTelemetry.Metrics
open OpenTelemetry.Resources
open OpenTelemetry.Trace
open Transport

/// Serves `/metrics`, after access control.
[<Sealed>]
type MetricsEndpoint(services: IServiceProvider) =
    let answer =
        ApplicationBuilder(services).UseOpenTelemetryPrometheusScrapingEndpoint().Build()

    member _.Answer(context: HttpContext) : Task = answer.Invoke context

/// Samples at random. A client can choose its trace id, so the decision must not depend on it.
[<Sealed>]
type private RandomSampler(ratio: float) =
    inherit Sampler()

    override _.ShouldSample(_: inref<SamplingParameters>) =
        SamplingResult(Random.Shared.NextDouble() < ratio)

/// Configures telemetry: metrics for Prometheus, spans by OTLP, logs with trace ids.
[<RequireQualifiedAccess>]
module Telemetry =

    /// The standard variables OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES take precedence.
    let private resource (builder: ResourceBuilder) =
        builder
            .AddService("recognition-web", serviceVersion = string BuildInfo.Current)
            .AddEnvironmentVariableDetector()
        |> ignore

    // In Prometheus, a name that ends in `_count` belongs to a histogram, but these instruments are not histograms.
    let private renamed =
        [
            "dotnet.assembly.count", "dotnet.assemblies"
            "dotnet.process.cpu.count", "dotnet.process.cpus"
            "dotnet.thread_pool.thread.count", "dotnet.thread_pool.threads"
            "dotnet.timer.count", "dotnet.timers"
        ]

    let private metrics (builder: MeterProviderBuilder) =
        builder.AddMeter(
            WorkersMetrics.Meter,
            "System.Runtime",
            "Microsoft.AspNetCore.Hosting",
            "Microsoft.AspNetCore.Server.Kestrel"
        )
        |> ignore

        for before, after in renamed do
            builder.AddView(before, after) |> ignore

        for name in WorkerSeries.names do
            builder.AddView(name, MetricStreamConfiguration(CardinalityLimit = Nullable WorkerSeries.limit))
            |> ignore

        builder.AddPrometheusExporter(fun options -> options.ScopeInfoEnabled <- false)
        |> ignore

    let private isSet (configuration: IConfiguration) (name: string) =
        not (String.IsNullOrWhiteSpace configuration[name])

    /// Returns whether spans are exported: the standard variables name a collector or select the default one.
    let exportsSpans (configuration: IConfiguration) =
        let is (name: string) (value: string) =
            value.Equals(configuration[name], StringComparison.OrdinalIgnoreCase)

        (isSet configuration "OTEL_EXPORTER_OTLP_ENDPOINT"
         || isSet configuration "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
         || is "OTEL_TRACES_EXPORTER" "otlp")
        && not (is "OTEL_TRACES_EXPORTER" "none")
        && not (is "OTEL_SDK_DISABLED" "true")

    /// Returns false for health checks and metrics, which are requested every few seconds.
    let private isTraced (context: HttpContext) =
        not (
            context.Request.Path.StartsWithSegments(PathString "/health")
            || context.Request.Path.StartsWithSegments(PathString "/metrics")
        )

    /// Creates the sampler for the share of requests in OTEL_TRACES_SAMPLER. A request's own sampled trace does not
    /// change the decision; its id is kept.
    let private sampler (configuration: IConfiguration) : Sampler =
        let name =
            (configuration["OTEL_TRACES_SAMPLER"] |> Option.ofObj |> Option.defaultValue "").ToLowerInvariant()

        let argument = configuration["OTEL_TRACES_SAMPLER_ARG"]

        let ratio =
            match name.Replace("parentbased_", "") with
            | "always_off" -> 0.0
            | "traceidratio" ->
                match Double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture) with
                | true, ratio when ratio >= 0.0 && ratio <= 1.0 -> ratio
                | _ -> 1.0
            | _ -> 1.0

        ParentBasedSampler(TraceIdRatioBasedSampler ratio, RandomSampler ratio, RandomSampler ratio)

    let private traces (configuration: IConfiguration) (builder: TracerProviderBuilder) =
        builder
            .AddSource(WorkersSpans.Source)
            .SetSampler(sampler configuration)
            .AddAspNetCoreInstrumentation(fun options -> options.Filter <- isTraced)
            .AddOtlpExporter(fun (options: OtlpExporterOptions) ->
                // The default of the standard, which differs from the library's.
                if
                    not (
                        isSet configuration "OTEL_EXPORTER_OTLP_PROTOCOL"
                        || isSet configuration "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
                    )
                then
                    options.Protocol <- OtlpExportProtocol.HttpProtobuf)
        |> ignore

    let private scopes = "Logging:Console:FormatterOptions:IncludeScopes"

    /// Returns whether log lines carry the request's trace. The JSON format does by default.
    let logsTraces (configuration: IConfiguration) =
        match configuration[scopes] with
        | null ->
            String.Equals(configuration["Logging:Console:FormatterName"], "json", StringComparison.OrdinalIgnoreCase)
        | text -> text.Equals("true", StringComparison.OrdinalIgnoreCase)

    let add (configuration: IConfiguration) (services: IServiceCollection) =
        let telemetry =
            services.AddOpenTelemetry().ConfigureResource(resource).WithMetrics metrics

        if exportsSpans configuration then
            telemetry.WithTracing(traces configuration) |> ignore

        services
            .AddSingleton<MetricsEndpoint>(MetricsEndpoint)
            .Configure(fun (options: LoggerFactoryOptions) ->
                options.ActivityTrackingOptions <- ActivityTrackingOptions.TraceId ||| ActivityTrackingOptions.SpanId)
            .Configure(fun (options: JsonConsoleFormatterOptions) -> options.IncludeScopes <- logsTraces configuration)
        |> ignore
