namespace Web.Giraffe

open System
open System.Globalization
open System.Reflection
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

/// Answers a request for `/metrics`, from whoever was let in.
[<Sealed>]
type MetricsEndpoint(services: IServiceProvider) =
    let answer =
        ApplicationBuilder(services).UseOpenTelemetryPrometheusScrapingEndpoint().Build()

    member _.Answer(context: HttpContext) : Task = answer.Invoke context

/// Decides by chance. A stranger may choose any trace id, so that the id must not decide for one.
[<Sealed>]
type private RandomSampler(ratio: float) =
    inherit Sampler()

    override _.ShouldSample(_: inref<SamplingParameters>) =
        SamplingResult(Random.Shared.NextDouble() < ratio)

/// What the node says of itself to machines: measurements as Prometheus reads them, spans by OTLP, logs with their trace.
[<RequireQualifiedAccess>]
module Telemetry =

    let private version =
        match Assembly.GetExecutingAssembly().GetName().Version with
        | null -> "0"
        | version -> version.ToString 3

    /// The standard's variables say more and win: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
    let private resource (builder: ResourceBuilder) =
        builder.AddService("recognition-web", serviceVersion = version).AddEnvironmentVariableDetector()
        |> ignore

    // A Prometheus name that ends in `_count` is a histogram's part, and these are none.
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

    let private said (configuration: IConfiguration) (name: string) =
        not (String.IsNullOrWhiteSpace configuration[name])

    /// Whether spans are to go anywhere: where the standard's variables name a collector, or ask for the default one.
    let exportsSpans (configuration: IConfiguration) =
        let is (name: string) (value: string) =
            value.Equals(configuration[name], StringComparison.OrdinalIgnoreCase)

        (said configuration "OTEL_EXPORTER_OTLP_ENDPOINT"
         || said configuration "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
         || is "OTEL_TRACES_EXPORTER" "otlp")
        && not (is "OTEL_TRACES_EXPORTER" "none")
        && not (is "OTEL_SDK_DISABLED" "true")

    /// Not what machines ask for every few seconds.
    let private isTraced (context: HttpContext) =
        not (
            context.Request.Path.StartsWithSegments(PathString "/health")
            || context.Request.Path.StartsWithSegments(PathString "/metrics")
        )

    /// The share of requests that is traced, as OTEL_TRACES_SAMPLER says. That a request brings a sampled trace of its own
    /// changes nothing; its id is kept.
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
                // The standard's own default; the library's is another one.
                if
                    not (
                        said configuration "OTEL_EXPORTER_OTLP_PROTOCOL"
                        || said configuration "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
                    )
                then
                    options.Protocol <- OtlpExportProtocol.HttpProtobuf)
        |> ignore

    let private scopes = "Logging:Console:FormatterOptions:IncludeScopes"

    /// Whether lines of the log carry their request's trace: those of the JSON form do, unless told not to.
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
