using Node.Hosting;
using Node.Hosting.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Worker.Telemetry;

/// <summary>Creates the exporters for the worker's metrics and traces.</summary>
internal static class Exports
{
    private static readonly OpenTelemetryVariables Variables = new(Environment.GetEnvironmentVariable);

    /// <summary>Creates the Prometheus exporter; the caller disposes it.</summary>
    public static MeterProvider Metrics()
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Describe)
            .AddMeter(WorkerMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter(options => options.ScopeInfoEnabled = false);
        foreach (var (before, after) in OpenTelemetryVariables.RenamedInstruments)
        {
            builder.AddView(before, after);
        }

        return builder.Build();
    }

    /// <summary>
    /// Creates the OTLP exporter if the standard variables name a collector; else returns null. The caller disposes it.
    /// </summary>
    public static TracerProvider? Traces() =>
        Variables.ExportsSpans
            ? Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(Describe)
                .AddSource(ExchangeTrace.SourceName)
                .SetSampler(Sampler())
                .AddOtlpExporter(Configure)
                .Build()
            : null;

    /// <summary>
    /// Samples the share that OTEL_TRACES_SAMPLER sets, of the exchanges that the client samples. A client can only
    /// lower it.
    /// </summary>
    private static ParentBasedSampler Sampler()
    {
        var own = new TraceIdRatioBasedSampler(Variables.SampleRatio);
        return new ParentBasedSampler(own, remoteParentSampled: own);
    }

    /// <summary>Selects HTTP/protobuf, the specification's default; the library's default differs.</summary>
    private static void Configure(OtlpExporterOptions options)
    {
        if (!Variables.SelectsProtocol)
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
        }
    }

    /// <summary>Sets the defaults; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override them.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("recognition-worker", serviceVersion: BuildInfo.Current.ToString())
        .AddEnvironmentVariableDetector();
}
