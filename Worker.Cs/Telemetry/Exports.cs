using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Transport;

namespace Worker.Telemetry;

/// <summary>Creates the exporters for the worker's metrics and traces.</summary>
internal static class Exports
{
    // Prometheus reserves the suffix `_count` for histograms, and these are none.
    private static readonly (string Before, string After)[] Renamed =
    [
        ("dotnet.assembly.count", "dotnet.assemblies"),
        ("dotnet.process.cpu.count", "dotnet.process.cpus"),
        ("dotnet.thread_pool.thread.count", "dotnet.thread_pool.threads"),
        ("dotnet.timer.count", "dotnet.timers"),
    ];

    /// <summary>Creates the Prometheus exporter; the caller disposes it.</summary>
    public static MeterProvider Metrics()
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Describe)
            .AddMeter(WorkerMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter(options => options.ScopeInfoEnabled = false);
        foreach (var (before, after) in Renamed)
        {
            builder.AddView(before, after);
        }

        return builder.Build();
    }

    /// <summary>
    /// Creates the OTLP exporter if the standard variables name a collector; else returns null. The caller disposes it.
    /// </summary>
    public static TracerProvider? Traces()
    {
        var wanted = IsSet("OTEL_EXPORTER_OTLP_ENDPOINT")
            || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            || Is("OTEL_TRACES_EXPORTER", "otlp");
        return wanted && !Is("OTEL_TRACES_EXPORTER", "none") && !Is("OTEL_SDK_DISABLED", "true")
            ? Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(Describe)
                .AddSource(ExchangeTrace.SourceName)
                .SetSampler(Sampler())
                .AddOtlpExporter(Configure)
                .Build()
            : null;
    }

    /// <summary>
    /// Samples the share that OTEL_TRACES_SAMPLER sets, of the exchanges that the client samples. A client can only
    /// lower it.
    /// </summary>
    private static ParentBasedSampler Sampler()
    {
        var name = Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER")?
            .ToLowerInvariant()
            .Replace("parentbased_", "", StringComparison.Ordinal);
        var argument = Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER_ARG");
        var ratio = name switch
        {
            "always_off" => 0,
            "traceidratio"
                when double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var given)
                    && given is >= 0 and <= 1 => given,
            _ => 1,
        };
        var own = new TraceIdRatioBasedSampler(ratio);
        return new ParentBasedSampler(own, remoteParentSampled: own);
    }

    /// <summary>Selects HTTP/protobuf, the specification's default; the library's default differs.</summary>
    private static void Configure(OtlpExporterOptions options)
    {
        if (!IsSet("OTEL_EXPORTER_OTLP_PROTOCOL") && !IsSet("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"))
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
        }
    }

    /// <summary>Sets the defaults; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override them.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("recognition-worker", serviceVersion: BuildInfo.Current.ToString())
        .AddEnvironmentVariableDetector();

    private static bool IsSet(string variable) =>
        !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable));

    private static bool Is(string variable, string value) =>
        value.Equals(Environment.GetEnvironmentVariable(variable), StringComparison.OrdinalIgnoreCase);
}
