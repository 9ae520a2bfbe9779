using System.Globalization;
using Node.Hosting.Logging;
using Node.Hosting.Redis;
using Node.Hosting.Settings;
using Protocol.Core;
using Worker.Imaging;
using Worker.Inference;
using Worker.Models;
using Worker.Sockets;

namespace Worker.Settings;

/// <summary>The validated settings of a worker.</summary>
/// <param name="Host">The host to listen on.</param>
/// <param name="Port">The port to listen on, 0 … 65535; 0 for any free port.</param>
/// <param name="Model">The models' names, separated by commas; the first is the default.</param>
/// <param name="ModelPaths">The locations of the model's files.</param>
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
    ModelPaths ModelPaths,
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

    /// <summary>The device that runs the networks.</summary>
    public ExecutionDevice Device { get; init; }

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
        var mirror = Environment.GetEnvironmentVariable(WorkerOptions.MirrorVariable);
        try
        {
            var builder = new ConfigurationBuilder()
                .SetBasePath(AppContext.BaseDirectory)
                .AddJsonFile("appsettings.json", optional: true)
                .AddInMemoryCollection(
                    mirror is null ? [] : [new($"{WorkerOptions.Section}:{nameof(WorkerOptions.Mirror)}", mirror)])
                .AddEnvironmentVariables()
                .AddInMemoryCollection(given);
            builder.AddLoggingDefaults(quiet: "Microsoft");
            return new Outcome<IConfigurationRoot>.Ok(builder.Build());
        }
        catch (Exception e) when (ConfigurationFile.IsInvalid(e))
        {
            return new Outcome<IConfigurationRoot>.Failed(ConfigurationFile.Describe(e));
        }
    }

    /// <summary>Returns the settings, or one line for each error.</summary>
    public static Outcome<WorkerSettings> Read(IConfigurationRoot configuration)
    {
        var reader = new OptionsReader(configuration, setting => WorkerOptions.Name(setting.Key))
        {
            BlankIsUnset = true,
        };
        var settings = Of(reader.Bind<WorkerOptions>(WorkerOptions.Section), reader);
        string[] errors = [.. UnknownSettings.Find(configuration, WorkerOptions.All), .. reader.Errors];
        return errors.Length == 0
            ? new Outcome<WorkerSettings>.Ok(settings)
            : new Outcome<WorkerSettings>.Failed(string.Join(Environment.NewLine, errors));
    }

    private static WorkerSettings Of(WorkerOptions options, OptionsReader reader)
    {
        Require(
            IsHostAndPort(options.AnnounceAs),
            nameof(options.AnnounceAs),
            $"must be HOST:PORT, not '{options.AnnounceAs}'.");
        RedisAddress? redis = null;
        // The value may hold a password.
        Require(
            options.Announce.Length == 0 || RedisAddress.TryParse(options.Announce, out redis),
            nameof(options.Announce),
            $"must be {RedisAddress.Forms}.");
        if (redis is not null && RedisConnection.Check(redis) is { } error)
        {
            Require(false, nameof(options.Announce), $"can't be used: {error}.");
        }

        var tls = options.TlsCertificate.Length > 0;
        var certificate = WorkerOptions.Option(nameof(options.TlsCertificate));
        var without = $"has no effect without {certificate}: set both or neither.";
        Require(tls || options.TlsKey.Length == 0, nameof(options.TlsKey), without);
        Require(tls || options.TlsClientCa.Length == 0, nameof(options.TlsClientCa), without);
        Require(tls || options.PlainPort is null, nameof(options.PlainPort), without);
        return new WorkerSettings(
            options.Host,
            options.Port ?? 0,
            options.Model,
            new ModelPaths(
                options.Models.Length > 0 ? Path.GetFullPath(options.Models) : ModelCatalog.DefaultDirectory(),
                options.Mirror.Split(
                    Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                options.Offline),
            new RecognizerOptions(
                options.Cores,
                options.Queue,
                ImagingLimits.Standard with
                {
                    MaxPixels = options.MaxPixels,
                    MaxHeld = options.MaxHeld,
                    MaxTime = TimeSpan.FromSeconds(options.DecodeTime),
                }),
            new ExchangeOptions(
                new Limits(options.MaxPayload, Limits.Standard.MaxResult, Limits.Standard.MaxAttempts),
                TimeSpan.FromSeconds(options.Deadline),
                TimeSpan.FromSeconds(options.Silence),
                TimeSpan.FromMilliseconds(options.Settle),
                TimeSpan.FromSeconds(options.Idle)),
            options.Connections,
            TimeSpan.FromSeconds(options.Drain),
            options.Metrics,
            redis,
            options.AnnounceAs)
        {
            Tls = tls
                ? new TlsFiles(options.TlsCertificate, OrNull(options.TlsKey), OrNull(options.TlsClientCa))
                : null,
            MaxModels = options.MaxModels,
            Device = Enum.TryParse<ExecutionDevice>(options.Device, ignoreCase: true, out var device)
                ? device
                : ExecutionDevice.Cpu,
            ConnectionsPerAddress = options.ConnectionsPerAddress,
            MaxBuffered = options.MaxBuffered,
            PlainPort = options.PlainPort,
        };

        void Require(bool isValid, string key, string error)
        {
            if (!isValid)
            {
                reader.Add($"{WorkerOptions.Name(key)} {error}");
            }
        }
    }

    private static string? OrNull(string text) => text.Length > 0 ? text : null;

    /// <summary>Returns whether the text is <c>HOST:PORT</c> with or without <c>tls://</c>, or empty.</summary>
    private static bool IsHostAndPort(string text)
    {
        const string Tls = "tls://";
        var address = text.StartsWith(Tls, StringComparison.Ordinal) ? text[Tls.Length..] : text;
        var colon = address.LastIndexOf(':');
        return text.Length == 0
            || (colon > 0
                && Uri.CheckHostName(address[..colon].Trim('[', ']')) != UriHostNameType.Unknown
                && ushort.TryParse(
                    address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && port > 0);
    }
}

/// <summary>The PEM files for TLS.</summary>
/// <param name="Certificate">The worker's certificate and its chain.</param>
/// <param name="Key">The private key; null if it is in the certificate's file.</param>
/// <param name="ClientCa">The authorities that issue client certificates; null if clients need none.</param>
public sealed record TlsFiles(string Certificate, string? Key, string? ClientCa);
