using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Node.Hosting;
using Node.Hosting.Logging;
using Worker.Inference;
using Worker.Settings;

namespace Worker.Sockets;

/// <summary>Builds and starts Kestrel with one kind of connection and no HTTP.</summary>
public static class WorkerServer
{
    // Bytes that Kestrel receives on a connection before the budget counts them.
    private const int ReadAhead = 128 * 1024;

    /// <summary>
    /// Builds a server that does not listen yet; <paramref name="tls"/> is not null if the settings have TLS files.
    /// </summary>
    public static WebApplication Build(
        WorkerSettings settings,
        IPAddress address,
        Recognizer recognizer,
        ILoggerFactory logging,
        WorkerTls? tls = null)
    {
        var options = new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateEmptyBuilder(options);
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton(recognizer);
        builder.Services.AddSingleton(settings.Exchange);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(Budget(settings));
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = ReadAhead);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Drain);
        // One limiter for both ports.
        var limiter = new ConnectionLimiter(
            new ConnectionLimits(settings.Connections, settings.ConnectionsPerAddress), TimeProvider.System);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address, settings.Port, listen =>
            {
                listen.Use(limiter.Limit);
                tls?.Protect(listen);
                listen.UseConnectionHandler<ExchangeHandler>();
            });
            if (settings.PlainPort is { } plain)
            {
                kestrel.Listen(address, plain, listen =>
                {
                    listen.Use(limiter.Limit);
                    listen.UseConnectionHandler<ExchangeHandler>();
                });
            }
        });
        // Register after Kestrel, which adds its own.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ReceiveBlocks>();
        return builder.Build();
    }

    /// <summary>Configures the log for the worker and for its start-up.</summary>
    public static void ConfigureLogging(ILoggingBuilder logging, IConfiguration configuration) =>
        logging
            .AddConfiguration(configuration.GetSection("Logging"))
            // The caller reports a port that can't be bound in one line.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .Configure(options => options.ActivityTrackingOptions =
                ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId)
            .AddConsole()
            .EscapeConsole()
            .TrimJsonTimestamps()
            // Scopes hold the trace, which JSON logs should include. The settings apply later and override this.
            .Services.Configure<JsonConsoleFormatterOptions>(options =>
                options.IncludeScopes = configuration.GetValue("Logging:Console:FormatterOptions:IncludeScopes", true));

    /// <summary>Resolves <paramref name="host"/> to an address, or returns why it can't.</summary>
    public static Outcome<IPAddress> Resolve(string host)
    {
        if (host == "*")
        {
            return Found(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return Found(address);
        }

        try
        {
            var all = Dns.GetHostAddresses(host);
            // Prefer the first IPv4 address of a name: every client supports IPv4.
            return all.Length == 0
                ? new Outcome<IPAddress>.Failed($"HOST: '{host}' has no address")
                : Found(Array.Find(all, one => one.AddressFamily == AddressFamily.InterNetwork) ?? all[0]);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return new Outcome<IPAddress>.Failed($"HOST: '{host}' can't be resolved: {e.Message}");
        }
    }

    /// <summary>Starts to listen. Returns null on success, else a one-line reason.</summary>
    public static Task<string?> StartAsync(WebApplication server, WorkerSettings settings)
    {
        var ports = settings.PlainPort is { } plain ? $"{settings.Port} or {plain}" : $"{settings.Port}";
        return StartAsync(server, settings.Host, ports, "PORT");
    }

    /// <summary>Starts any server; <paramref name="option"/> names the port's option in the error.</summary>
    internal static async Task<string?> StartAsync(WebApplication server, string host, string port, string option)
    {
        try
        {
            await server.StartAsync();
            return null;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return $"{option}: port {port} on {host} is taken by another program";
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => $"HOST: {host} is not an address of this machine",
                SocketError.AccessDenied => $"{option}: no permission to listen on port {port}",
                _ => $"can't listen on {host} port {port}: {e.Message}",
            };
        }
    }

    /// <summary>
    /// Returns <c>HOST:PORT</c> of a listening server with the bound port, or <c>tls://HOST:PORT</c>; separated by a
    /// comma if there are two.
    /// </summary>
    public static string Address(WebApplication server)
    {
        var kestrel = server.Services.GetRequiredService<IServer>();
        var listening = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        return string.Join(", ", listening.Select(address =>
            new Uri(address) is { Scheme: "https" } secure ? $"tls://{secure.Authority}" : new Uri(address).Authority));
    }

    /// <summary>Returns a server's first bound end point.</summary>
    internal static IPEndPoint EndPoint(WebApplication server)
    {
        var features = server.Services.GetRequiredService<IServer>().Features;
        var first = new Uri(features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        return new IPEndPoint(IPAddress.Parse(first.Host.Trim('[', ']')), first.Port);
    }

    /// <summary>Creates the memory budget. An image takes space as base64 and, while decoded, also as bytes.</summary>
    private static ByteBudget Budget(WorkerSettings settings)
    {
        var largest = 2L * settings.Exchange.Limits.MaxPayload;
        return new ByteBudget(Math.Max(settings.MaxBuffered, largest), largest, TimeProvider.System);
    }

    private static Outcome<IPAddress> Found(IPAddress address) => new Outcome<IPAddress>.Ok(address);
}
