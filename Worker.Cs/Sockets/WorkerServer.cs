using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Transport;
using Transport.Logging;
using Worker.Inference;
using Worker.Settings;

namespace Worker.Sockets;

/// <summary>Kestrel with one kind of connection and no HTTP.</summary>
public static class WorkerServer
{
    // What Kestrel receives of a connection before anybody has counted it, in bytes.
    private const int ReadAhead = 128 * 1024;

    /// <summary>
    /// A server that does not listen yet; <paramref name="tls"/> is there where the settings have files for it.
    /// </summary>
    public static WebApplication Build(
        WorkerSettings settings, IPAddress address, Recognizer recognizer, ILoggerFactory logging, WorkerTls? tls = null)
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
        // Both ports' together.
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
        // Behind Kestrel, which adds its own.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ReceiveBlocks>();
        return builder.Build();
    }

    /// <summary>The same log for the worker and for what runs before it.</summary>
    public static void ConfigureLogging(ILoggingBuilder logging, IConfiguration configuration) =>
        logging
            .AddConfiguration(configuration.GetSection("Logging"))
            // A port that can't be had is told in one line by whoever started the server.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId)
            .AddConsole()
            .EscapeConsole()
            // Scopes hold the trace; who wants lines for machines wants it there. What the settings say comes later, and wins.
            .Services.Configure<JsonConsoleFormatterOptions>(options =>
                options.IncludeScopes = configuration.GetValue("Logging:Console:FormatterOptions:IncludeScopes", true));

    /// <summary>The address that <paramref name="host"/> stands for, or why it stands for none.</summary>
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
            // A name with both kinds is served by the first IPv4 address: every client has that.
            return all.Length == 0
                ? new Outcome<IPAddress>.Failed($"HOST: '{host}' has no address")
                : Found(Array.Find(all, one => one.AddressFamily == AddressFamily.InterNetwork) ?? all[0]);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return new Outcome<IPAddress>.Failed($"HOST: '{host}' can't be resolved: {e.Message}");
        }
    }

    /// <summary>Starts to listen. Null when it does; else one line that says why not.</summary>
    public static Task<string?> StartAsync(WebApplication server, WorkerSettings settings) =>
        StartAsync(server, settings.Host, settings.PlainPort is { } plain ? $"{settings.Port} or {plain}" : $"{settings.Port}", "PORT");

    /// <summary>The same for any server; <paramref name="option"/> names the port in what goes wrong.</summary>
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
                SocketError.AddressNotAvailable => $"HOST: {host} is no address of this machine",
                SocketError.AccessDenied => $"{option}: no permission to listen on port {port}",
                _ => $"can't listen on {host} port {port}: {e.Message}",
            };
        }
    }

    /// <summary>
    /// <c>HOST:PORT</c> of a server that listens, the real port included, or <c>tls://HOST:PORT</c>; with a comma where
    /// there are two.
    /// </summary>
    public static string Address(WebApplication server)
    {
        var kestrel = server.Services.GetRequiredService<IServer>();
        var listening = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        return string.Join(", ", listening.Select(address =>
            new Uri(address) is { Scheme: "https" } secure ? $"tls://{secure.Authority}" : new Uri(address).Authority));
    }

    /// <summary>Where a server listens.</summary>
    internal static IPEndPoint EndPoint(WebApplication server)
    {
        var listening = server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        var first = new Uri(listening.First());
        return new IPEndPoint(IPAddress.Parse(first.Host.Trim('[', ']')), first.Port);
    }

    /// <summary>An image is there in base64 and, while it is decoded, as its own bytes.</summary>
    private static ByteBudget Budget(WorkerSettings settings)
    {
        var largest = 2L * settings.Exchange.Limits.MaxPayload;
        return new ByteBudget(Math.Max(settings.MaxBuffered, largest), largest, TimeProvider.System);
    }

    private static Outcome<IPAddress> Found(IPAddress address) => new Outcome<IPAddress>.Ok(address);
}
