using System.Globalization;
using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Worker.Telemetry;

/// <summary>Who listens to what the worker says of itself.</summary>
internal static class Exports
{
    // A Prometheus name that ends in `_count` is a histogram's part, and these are none.
    private static readonly (string Before, string After)[] Renamed =
    [
        ("dotnet.assembly.count", "dotnet.assemblies"),
        ("dotnet.process.cpu.count", "dotnet.process.cpus"),
        ("dotnet.thread_pool.thread.count", "dotnet.thread_pool.threads"),
        ("dotnet.timer.count", "dotnet.timers"),
    ];

    /// <summary>For Prometheus; the caller disposes it.</summary>
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

    /// <summary>By OTLP, where the standard's variables name a collector; else null. The caller disposes it.</summary>
    public static TracerProvider? Traces()
    {
        var wanted = Said("OTEL_EXPORTER_OTLP_ENDPOINT") || Said("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") || Is("OTEL_TRACES_EXPORTER", "otlp");
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
    /// The share that OTEL_TRACES_SAMPLER gives, of those exchanges whose client samples them. A client can lower it only.
    /// </summary>
    private static ParentBasedSampler Sampler()
    {
        var name = Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER")?.ToLowerInvariant().Replace("parentbased_", "", StringComparison.Ordinal);
        var argument = Environment.GetEnvironmentVariable("OTEL_TRACES_SAMPLER_ARG");
        var ratio = name switch
        {
            "always_off" => 0,
            "traceidratio" when double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var given) && given is >= 0 and <= 1 => given,
            _ => 1,
        };
        var own = new TraceIdRatioBasedSampler(ratio);
        return new ParentBasedSampler(own, remoteParentSampled: own);
    }

    /// <summary>The standard's own default is this protocol; the library's is another one.</summary>
    private static void Configure(OtlpExporterOptions options)
    {
        if (!Said("OTEL_EXPORTER_OTLP_PROTOCOL") && !Said("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"))
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
        }
    }

    /// <summary>The standard's variables say more and win: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("recognition-worker", serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3))
        .AddEnvironmentVariableDetector();

    private static bool Said(string variable) => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable));

    private static bool Is(string variable, string value) =>
        value.Equals(Environment.GetEnvironmentVariable(variable), StringComparison.OrdinalIgnoreCase);
}
