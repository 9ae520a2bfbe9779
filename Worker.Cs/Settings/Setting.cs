using System.Globalization;
using Protocol.Core;
using Worker.Imaging;
using Worker.Inference;

namespace Worker.Settings;

/// <summary>One setting, independent of the source of its value.</summary>
/// <param name="Key">
/// The key under <c>Worker</c> in <c>appsettings.json</c>; <c>Worker__Key</c> in the environment.
/// </param>
/// <param name="Option">The command-line option.</param>
/// <param name="Default">The default as text; empty for none.</param>
/// <param name="Help">One line of help.</param>
public sealed record Setting(string Key, string Option, string Default, string Help)
{
    /// <summary>The environment variable for the mirror directories, shared by every program of the service.</summary>
    public const string MirrorVariable = "MODEL_MIRROR";

    /// <summary>The section of <c>appsettings.json</c>.</summary>
    public const string Section = "Worker";

    /// <summary>The configuration key, with its section.</summary>
    public string Path => $"{Section}:{Key}";

#pragma warning disable CS1591 // Each one's help says what it is.
    public static readonly Setting Host = new(
        "Host", "HOST", "",
        "Address to listen on: an IP address of this machine, a name of it, or * for all");

    public static readonly Setting Port = new(
        "Port", "PORT", "",
        "TCP port, 1 to 65535; 0 for any free one, which the ready line names");

    public static readonly Setting Model = new(
        "Model", "--model", "squeezenet1_1",
        "Models of the catalog, separated by commas; the first serves requests that name none");

    public static readonly Setting MaxModels = new(
        "MaxModels", "--max-models", Text(RecognizerSetup.MaxModels),
        "Models in memory at once; complete ones in the catalog's folder are loaded up to it");

    public static readonly Setting Models = new(
        "Models", "--models", "",
        "Folder of the catalog and of fetched files; default: models/ of the repository, or beside the program");

    public static readonly Setting Mirror = new(
        "Mirror", "--mirror", "",
        $"Folders with model files, tried before fetching, separated as in PATH; default: {MirrorVariable}");

    public static readonly Setting Offline = new(
        "Offline", "--offline", "false",
        "Never fetch a model file");

    public static readonly Setting Cores = new(
        "Cores", "--cores", Text(Environment.ProcessorCount),
        "Pictures recognised at once");

    public static readonly Setting Queue = new(
        "Queue", "--queue", "64",
        "Pictures that may wait for a core; further ones wait on their connections");

    public static readonly Setting Connections = new(
        "Connections", "--connections", "10000",
        "Connections at once; a further one takes the place of one without an exchange, or is closed");

    public static readonly Setting ConnectionsPerAddress = new(
        "ConnectionsPerAddress", "--connections-per-address", "1000",
        "Connections at once from one address, or one /64 network of IPv6; loopback has no such limit");

    public static readonly Setting MaxBuffered = new(
        "MaxBuffered", "--max-buffered", Text(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4),
        "Most bytes of images held at once, received and waiting; the slowest connection is closed for others. Default: a quarter of the memory");

    public static readonly Setting MaxPayload = new(
        "MaxPayload", "--max-payload", Text(Limits.Standard.MaxPayload),
        "Longest base64 text of an image, in bytes");

    public static readonly Setting MaxPixels = new(
        "MaxPixels", "--max-pixels", Text(ImagingLimits.Standard.MaxPixels),
        "Largest picture, width x height, of three bytes each; with alpha or 16 bits accordingly less");

    public static readonly Setting MaxHeld = new(
        "MaxHeld", "--max-held", Text(ImagingLimits.Standard.MaxHeld),
        "Most bytes of memory for decoding one picture; pictures that need much are decoded one at a time");

    public static readonly Setting DecodeTime = new(
        "DecodeTime", "--decode-time", "4",
        "Seconds of a processor that decoding one picture may take; one that takes more is refused");

    public static readonly Setting Deadline = new(
        "Deadline", "--deadline", "10",
        "Seconds for one exchange in all");

    public static readonly Setting Silence = new(
        "Silence", "--silence", "5",
        "Seconds that a peer whose turn it is may send nothing");

    public static readonly Setting Settle = new(
        "Settle", "--settle", "20",
        "Least milliseconds between an image's acknowledgement and its result, for clients that read once");

    public static readonly Setting Idle = new(
        "Idle", "--idle", "60",
        "Seconds that a connection may wait for its next exchange");

    public static readonly Setting Drain = new(
        "Drain", "--drain", "10",
        "Seconds that running exchanges have to finish after SIGTERM");

    public static readonly Setting TlsCertificate = new(
        "TlsCertificate", "--tls-certificate", "",
        "PEM file of the worker's certificate, and those that lead to its authority: PORT then speaks TLS");

    public static readonly Setting TlsKey = new(
        "TlsKey", "--tls-key", "",
        "PEM file of the certificate's private key; default: it is in the certificate's file");

    public static readonly Setting TlsClientCa = new(
        "TlsClientCa", "--tls-client-ca", "",
        "PEM file of authorities; who connects over TLS must then show a certificate of theirs");

    public static readonly Setting PlainPort = new(
        "PlainPort", "--plain-port", "",
        "TCP port without TLS beside the one with it, for old peers; 0 for any free one");

    public static readonly Setting Metrics = new(
        "Metrics", "--metrics", "0",
        "HTTP port, on HOST, with /metrics for Prometheus and /health/ready; 0: none");

    public static readonly Setting Announce = new(
        "Announce", "--announce", "",
        "The Redis in which web nodes share their workers, and where this one announces itself: redis://[user:password@]host[:port]");

    public static readonly Setting AnnounceAs = new(
        "AnnounceAs", "--announce-as", "",
        "The HOST:PORT under which web nodes reach this worker; default: where it listens, and for * the address on the way to the Redis");

#pragma warning restore CS1591

    /// <summary>All settings, in the order of the help.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Host, Port, Model, Models, Mirror, Offline, Cores, Queue, Connections, ConnectionsPerAddress, MaxBuffered, MaxPayload, MaxPixels, MaxHeld, DecodeTime, Deadline,
        Silence, Settle, Idle, Drain, TlsCertificate, TlsKey, TlsClientCa, PlainPort, Metrics,
        Announce, AnnounceAs,
    ];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
