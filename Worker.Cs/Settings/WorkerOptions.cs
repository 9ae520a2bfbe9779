using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Protocol.Core;
using Transport.Settings;
using Worker.Imaging;
using Worker.Inference;

namespace Worker.Settings;

/// <summary>
/// The options of a worker: the section <c>Worker</c> of <c>appsettings.json</c>, <c>Worker__Key</c> in the
/// environment, <c>--key</c> on the command line.
/// </summary>
public sealed class WorkerOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Worker";

    /// <summary>The environment variable for the mirror directories, shared by every program of the service.</summary>
    public const string MirrorVariable = "MODEL_MIRROR";

    /// <summary>All settings, in the order of the help.</summary>
    public static IReadOnlyList<Setting> All { get; } = Setting.Of<WorkerOptions>(Section);

#pragma warning disable CS1591 // Each one's help says what it is.
    [Description("Address to listen on: an IP address of this machine, a name of it, or * for all"), Required]
    public string Host { get; set; } = "";

    [Description("TCP port; 0 for any free one, which the ready line names"), Required, Range(0, 65_535)]
    public int? Port { get; set; }

    [Description("Models of the catalog, separated by commas; the first serves requests that name none")]
    public string Model { get; set; } = "squeezenet1_1";

    [Description("Models in memory at once; complete ones in the catalog's folder are loaded up to it"), Range(1, 256)]
    public int MaxModels { get; set; } = RecognizerSetup.MaxModels;

    [Description("Device that runs the networks; cuda needs ONNX Runtime's GPU package"), AllowedValues("cpu", "cuda")]
    public string Device { get; set; } = "cpu";

    [Description(
        "Folder of the catalog and of fetched files; default: models/ of the repository, or beside the program")]
    public string Models { get; set; } = "";

    [Description($"Folders with model files, tried before fetching, separated as in PATH; default: {MirrorVariable}")]
    public string Mirror { get; set; } = "";

    [Description("Never fetch a model file")]
    public bool Offline { get; set; }

    [Description("Pictures recognised at once"), Range(1, 1024)]
    public int Cores { get; set; } = Environment.ProcessorCount;

    [Description("Pictures that may wait for a core; further ones wait on their connections"), Range(1, 1_000_000)]
    public int Queue { get; set; } = 64;

    [Description("Connections at once; a further one takes the place of one without an exchange, or is closed")]
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 10_000;

    [Description("Connections at once from one address, or one /64 network of IPv6; loopback has no such limit")]
    [Range(1, 1_000_000)]
    public int ConnectionsPerAddress { get; set; } = 1000;

    [Description(
        "Most bytes of images held at once, received and waiting; the slowest connection is closed for others. "
        + "Default: a quarter of the memory")]
    [Range(1 << 20, 1L << 40)]
    public long MaxBuffered { get; set; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    [Description("Longest base64 text of an image, in bytes"), Range(4, 1 << 30)]
    public int MaxPayload { get; set; } = Limits.Standard.MaxPayload;

    [Description("Largest picture, width x height, of three bytes each; with alpha or 16 bits accordingly less")]
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; set; } = ImagingLimits.Standard.MaxPixels;

    [Description("Most bytes of memory for decoding one picture; pictures that need much are decoded one at a time")]
    [Range(1 << 20, 1L << 36)]
    public long MaxHeld { get; set; } = ImagingLimits.Standard.MaxHeld;

    [Description("Seconds of a processor that decoding one picture may take; one that takes more is refused")]
    [Range(0.01, 3600)]
    public double DecodeTime { get; set; } = 4;

    [Description("Seconds for one exchange in all"), Range(0.1, 3600)]
    public double Deadline { get; set; } = 10;

    [Description("Seconds that a peer may stay silent when it is expected to send"), Range(0.1, 3600)]
    public double Silence { get; set; } = 5;

    [Description("Least milliseconds between an image's acknowledgement and its result, for clients that read once")]
    [Range(0.0, 1000)]
    public double Settle { get; set; } = 20;

    [Description("Seconds that a connection may wait for its next exchange"), Range(0.1, 3600)]
    public double Idle { get; set; } = 60;

    [Description("Seconds that running exchanges have to finish after SIGTERM"), Range(0.0, 3600)]
    public double Drain { get; set; } = 10;

    [Description("PEM file of the worker's certificate, and those that lead to its authority: PORT then speaks TLS")]
    public string TlsCertificate { get; set; } = "";

    [Description("PEM file of the certificate's private key; default: it is in the certificate's file")]
    public string TlsKey { get; set; } = "";

    [Description("PEM file of authorities; who connects over TLS must then show a certificate of theirs")]
    public string TlsClientCa { get; set; } = "";

    [Description("TCP port without TLS beside the one with it, for old peers; 0 for any free one"), Range(0, 65_535)]
    public int? PlainPort { get; set; }

    [Description("HTTP port, on HOST, with /metrics for Prometheus and /health/ready; 0: none"), Range(0, 65_535)]
    public int Metrics { get; set; }

    [Description("The Redis in which web nodes share their workers, and where this one announces itself: "
        + "redis://[user:password@]host[:port][,host[:port]][/database][?prefix=NAME&sentinel=NAME&ca=FILE]")]
    public string Announce { get; set; } = "";

    [Description(
        "The HOST:PORT under which web nodes reach this worker; "
        + "default: where it listens, and for * the address on the way to the Redis")]
    public string AnnounceAs { get; set; } = "";
#pragma warning restore CS1591

    /// <summary>Returns the command-line name: <c>HOST</c>, <c>PORT</c>, or such as <c>--max-pixels</c>.</summary>
    public static string Option(string key) => key is nameof(Host) or nameof(Port)
        ? key.ToUpperInvariant()
        : "-" + string.Concat(key.Select(letter =>
            char.IsUpper(letter) ? $"-{char.ToLower(letter, CultureInfo.InvariantCulture)}" : $"{letter}"));

    /// <summary>Returns the help text of a setting.</summary>
    public static string? Help(string key) => All.Single(setting => setting.Key == key).Description;

    /// <summary>Returns the name of a setting in messages, such as <c>--max-pixels (Worker:MaxPixels):</c>.</summary>
    public static string Name(string key) => $"{Option(key)} ({Section}:{key}):";
}
