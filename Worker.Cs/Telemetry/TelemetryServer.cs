using System.Diagnostics.Metrics;
using System.Net;
using OpenTelemetry.Metrics;
using Worker.Settings;
using Worker.Sockets;

namespace Worker.Telemetry;

/// <summary>
/// The worker's HTTP port for <c>/metrics</c>, <c>/health/live</c> and <c>/health/ready</c>. It is a separate server,
/// so that clients can't use up the operator's connections.
/// </summary>
internal sealed class TelemetryServer : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly MeterProvider metrics;
    private readonly Meter gauges;

    private TelemetryServer(
        WorkerSettings settings,
        IPAddress address,
        MonitoredWorker worker,
        Readiness readiness,
        ILoggerFactory logging)
    {
        metrics = Exports.Metrics();
        gauges = WorkerMetrics.Watch(worker);
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 100;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(address, settings.Metrics);
        });
        server = builder.Build();
        server.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, null, "/metrics", null, null);
        server.Run(context => AnswerAsync(context, readiness));
    }

    /// <summary>
    /// Starts the server. Returns it, or a one-line reason why it can't listen; null if the settings disable it.
    /// </summary>
    public static async Task<(TelemetryServer? Server, string? Refusal)> StartAsync(
        WorkerSettings settings, IPAddress address, MonitoredWorker worker, Readiness readiness, ILoggerFactory logging)
    {
        if (settings.Metrics == 0)
        {
            return (null, null);
        }

        var made = new TelemetryServer(settings, address, worker, readiness, logging);
        var refusal = await WorkerServer.StartAsync(made.server, settings.Host, $"{settings.Metrics}", "--metrics");
        if (refusal is not null)
        {
            await made.DisposeAsync();
            return (null, refusal);
        }

        return (made, null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        gauges.Dispose();
        metrics.Dispose();
    }

    private static Task AnswerAsync(HttpContext context, Readiness readiness)
    {
        var (status, text) = context.Request.Path.Value switch
        {
            "/health/live" => (StatusCodes.Status200OK, "live"),
            "/health/ready" when readiness.IsReady => (StatusCodes.Status200OK, "ready"),
            "/health/ready" => (StatusCodes.Status503ServiceUnavailable, readiness.Status),
            _ => (StatusCodes.Status404NotFound, "no such page: there are /metrics, /health/live and /health/ready"),
        };
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new StatusResponse(text));
    }

    private sealed record StatusResponse(string Status);
}
