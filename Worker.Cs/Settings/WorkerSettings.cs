using Protocol.Core;
using Transport.Redis;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;
using Worker.Sockets;

namespace Worker.Settings;

/// <summary>The validated settings of a worker.</summary>
/// <param name="Host">The host to listen on.</param>
/// <param name="Port">The port to listen on, 0 … 65535; 0 for any free port.</param>
/// <param name="Model">The models' names, separated by commas; the first is the default.</param>
/// <param name="Places">The locations of the model's files.</param>
/// <param name="Recognizer">Executors, queue, image limits.</param>
/// <param name="Exchange">Message limits and timeouts.</param>
/// <param name="Connections">Concurrent connections, at least 1.</param>
/// <param name="Drain">The time for in-flight exchanges after SIGTERM.</param>
/// <param name="Announce">The Redis in which the worker announces itself; null for none.</param>
/// <param name="AnnounceAs">The announced <c>HOST:PORT</c>; empty for the worker's own.</param>
/// <param name="Metrics">The HTTP port for Prometheus and health, 1 … 65535; 0 for none.</param>
public sealed record WorkerSettings(
    string Host,
    int Port,
    string Model,
    ModelPaths Places,
    RecognizerOptions Recognizer,
    ExchangeOptions Exchange,
    int Connections,
    TimeSpan Drain,
    int Metrics = 0,
    RedisAddress? Announce = null,
    string AnnounceAs = "")
{
    /// <summary>The TLS files of <see cref="Port"/>; null for a plain port.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The most models at once, at least 1.</summary>
    public int MaxModels { get; init; } = RecognizerSetup.MaxModels;

    /// <summary>Concurrent connections from one address, at least 1.</summary>
    public int ConnectionsPerAddress { get; init; } = 1000;

    /// <summary>The most bytes of images in memory, at least the exchange's <see cref="Limits.MaxPayload"/>.</summary>
    public long MaxBuffered { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>A plain port beside the TLS port, 0 … 65535, 0 for any free port; null for none.</summary>
    public int? PlainPort { get; init; }

    /// <summary>
    /// Builds the configuration: command line over environment over <c>appsettings.json</c>. <paramref name="given"/>
    /// holds the command line's values, keyed by the settings' paths.
    /// </summary>
    public static Outcome<IConfigurationRoot> Configure(IEnumerable<KeyValuePair<string, string?>> given)
    {
        var mirror = Environment.GetEnvironmentVariable(Setting.MirrorVariable);
        try
        {
            return new Outcome<IConfigurationRoot>.Ok(new ConfigurationBuilder()
                .SetBasePath(AppContext.BaseDirectory)
                .AddJsonFile("appsettings.json", optional: true)
                .AddInMemoryCollection(mirror is null ? [] : [new(Setting.Mirror.Path, mirror)])
                .AddEnvironmentVariables()
                .AddInMemoryCollection(given)
                .Build());
        }
        catch (InvalidDataException e)
        {
            return new Outcome<IConfigurationRoot>.Failed($"appsettings.json: {e.GetBaseException().Message}");
        }
    }

    /// <summary>Returns the settings, or one line that names the first invalid one.</summary>
    public static Outcome<WorkerSettings> Read(IConfiguration configuration)
    {
        var read = new SettingReader(configuration);
        var seconds = TimeSpan.FromSeconds(1);
        var models = read.Text(Setting.Models);
        var settings = new WorkerSettings(
            read.Required(Setting.Host),
            (int)read.Whole(Setting.Port, 0, 65_535),
            read.Required(Setting.Model),
            new ModelPaths(
                models.Length > 0 ? Path.GetFullPath(models) : ModelCatalog.DefaultDirectory(),
                read.Paths(Setting.Mirror),
                read.Switch(Setting.Offline)),
            new RecognizerOptions(
                (int)read.Whole(Setting.Cores, 1, 1024),
                (int)read.Whole(Setting.Queue, 1, 1_000_000),
                ImagingLimits.Standard with
                {
                    MaxPixels = read.Whole(Setting.MaxPixels, 1, 1_000_000_000),
                    MaxHeld = read.Whole(Setting.MaxHeld, 1 << 20, 1L << 36),
                    MaxTime = read.Time(Setting.DecodeTime, seconds, 0.01, 3600),
                }),
            new ExchangeOptions(
                new Limits(
                    (int)read.Whole(Setting.MaxPayload, 4, 1 << 30),
                    Limits.Standard.MaxResult,
                    Limits.Standard.MaxAttempts),
                read.Time(Setting.Deadline, seconds, 0.1, 3600),
                read.Time(Setting.Silence, seconds, 0.1, 3600),
                read.Time(Setting.Settle, TimeSpan.FromMilliseconds(1), 0, 1000),
                read.Time(Setting.Idle, seconds, 0.1, 3600)),
            (int)read.Whole(Setting.Connections, 1, 1_000_000),
            read.Time(Setting.Drain, seconds, 0, 3600),
            (int)read.Whole(Setting.Metrics, 0, 65_535),
            read.Redis(Setting.Announce),
            read.Address(Setting.AnnounceAs))
        {
            Tls = Certificates(read),
            MaxModels = (int)read.Whole(Setting.MaxModels, 1, 256),
            ConnectionsPerAddress = (int)read.Whole(Setting.ConnectionsPerAddress, 1, 1_000_000),
            MaxBuffered = read.Whole(Setting.MaxBuffered, 1 << 20, 1L << 40),
            PlainPort = read.Text(Setting.PlainPort).Length > 0 ? (int)read.Whole(Setting.PlainPort, 0, 65_535) : null,
        };
        return read.Error is null
            ? new Outcome<WorkerSettings>.Ok(settings)
            : new Outcome<WorkerSettings>.Failed(read.Error);
    }

    private static TlsFiles? Certificates(SettingReader read)
    {
        var certificate = read.Text(Setting.TlsCertificate);
        if (certificate.Length > 0)
        {
            return new TlsFiles(certificate, read.Optional(Setting.TlsKey), read.Optional(Setting.TlsClientCa));
        }

        foreach (var setting in (Setting[])[Setting.TlsKey, Setting.TlsClientCa, Setting.PlainPort])
        {
            read.Forbid(setting, $"means nothing without {Setting.TlsCertificate.Option}");
        }

        return null;
    }
}

/// <summary>The PEM files for TLS.</summary>
/// <param name="Certificate">The worker's certificate and its chain.</param>
/// <param name="Key">The private key; null if it is in the certificate's file.</param>
/// <param name="ClientCa">The authorities that issue client certificates; null if clients need none.</param>
public sealed record TlsFiles(string Certificate, string? Key, string? ClientCa);
