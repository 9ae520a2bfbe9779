namespace Web.Giraffe

open System
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
open Node.Hosting
open Node.Hosting.Telemetry

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

    let private variables (configuration: IConfiguration) =
        OpenTelemetryVariables(fun name -> configuration[name])

    let private metrics (builder: MeterProviderBuilder) =
        builder.AddMeter(
            WebMeter.Name,
            "System.Runtime",
            "Microsoft.AspNetCore.Hosting",
            "Microsoft.AspNetCore.Server.Kestrel"
        )
        |> ignore

        for KeyValue(before, after) in OpenTelemetryVariables.RenamedInstruments do
            builder.AddView(before, after) |> ignore

        for name in WorkerSeries.names do
            builder.AddView(name, MetricStreamConfiguration(CardinalityLimit = Nullable WorkerSeries.limit))
            |> ignore

        builder.AddPrometheusExporter(fun options -> options.ScopeInfoEnabled <- false)
        |> ignore

    /// Returns whether spans are exported: the standard variables name a collector or select the default one.
    let exportsSpans (configuration: IConfiguration) = (variables configuration).ExportsSpans

    /// Returns false for health checks and metrics, which are requested every few seconds.
    let private isTraced (context: HttpContext) =
        not (
            context.Request.Path.StartsWithSegments(PathString "/health")
            || context.Request.Path.StartsWithSegments(PathString "/metrics")
        )

    /// Creates the sampler for the share of requests in OTEL_TRACES_SAMPLER. A request's own sampled trace does not
    /// change the decision; its id is kept.
    let private sampler (configuration: IConfiguration) : Sampler =
        let ratio = (variables configuration).SampleRatio
        ParentBasedSampler(TraceIdRatioBasedSampler ratio, RandomSampler ratio, RandomSampler ratio)

    let private traces (configuration: IConfiguration) (builder: TracerProviderBuilder) =
        builder
            .AddSource(WorkersSpans.Source)
            .SetSampler(sampler configuration)
            .AddAspNetCoreInstrumentation(fun options -> options.Filter <- isTraced)
            .AddOtlpExporter(fun (options: OtlpExporterOptions) ->
                // The default of the standard, which differs from the library's.
                if not (variables configuration).SelectsProtocol then
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
