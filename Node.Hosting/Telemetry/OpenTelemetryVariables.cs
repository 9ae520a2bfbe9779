using System.Globalization;

namespace Node.Hosting.Telemetry;

/// <summary>OpenTelemetry's standard environment variables, as both nodes apply them.</summary>
/// <param name="read">Returns the value of a variable, or null.</param>
public sealed class OpenTelemetryVariables(Func<string, string?> read)
{
    /// <summary>
    /// New names of .NET's instruments. In Prometheus, a name that ends in <c>_count</c> belongs to a histogram, but
    /// these instruments are not histograms.
    /// </summary>
    public static IReadOnlyDictionary<string, string> RenamedInstruments { get; } = new Dictionary<string, string>
    {
        ["dotnet.assembly.count"] = "dotnet.assemblies",
        ["dotnet.process.cpu.count"] = "dotnet.process.cpus",
        ["dotnet.thread_pool.thread.count"] = "dotnet.thread_pool.threads",
        ["dotnet.timer.count"] = "dotnet.timers",
    };

    /// <summary>Whether spans are exported: the variables name a collector or select the default one.</summary>
    public bool ExportsSpans =>
        (IsSet("OTEL_EXPORTER_OTLP_ENDPOINT")
            || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            || Is("OTEL_TRACES_EXPORTER", "otlp"))
        && !Is("OTEL_TRACES_EXPORTER", "none")
        && !Is("OTEL_SDK_DISABLED", "true");

    /// <summary>Whether a protocol is selected; the specification's default is HTTP/protobuf.</summary>
    public bool SelectsProtocol =>
        IsSet("OTEL_EXPORTER_OTLP_PROTOCOL") || IsSet("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");

    /// <summary>The share of traces to sample, 0 … 1.</summary>
    public double SampleRatio
    {
        get
        {
            var sampler = read("OTEL_TRACES_SAMPLER")?
                .ToLowerInvariant()
                .Replace("parentbased_", "", StringComparison.Ordinal);
            var argument = read("OTEL_TRACES_SAMPLER_ARG");
            return sampler switch
            {
                "always_off" => 0,
                "traceidratio"
                    when double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio)
                        && ratio is >= 0 and <= 1 => ratio,
                _ => 1,
            };
        }
    }

    private bool IsSet(string variable) => !string.IsNullOrWhiteSpace(read(variable));

    private bool Is(string variable, string value) => value.Equals(read(variable), StringComparison.OrdinalIgnoreCase);
}
