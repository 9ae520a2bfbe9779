using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Node.Hosting.Settings;
using Protocol.Core;
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

#pragma warning disable CS1591 // The Description attributes document the options.
    [Description("Address to listen on: an IP address or a host name of this machine, or * for all"), Required]
    public string Host { get; set; } = "";

    [Description("TCP port; 0 for any free port, which the log shows"), Required, Range(0, 65_535)]
    public int? Port { get; set; }

    [Description("Comma-separated models of the catalog; the first is the default")]
    public string Model { get; set; } = "squeezenet1_1";

    [Description("Maximum models in memory; complete models in the catalog's folder are loaded up to this number"), Range(1, 256)]
    public int MaxModels { get; set; } = RecognizerSetup.MaxModels;

    [Description("Device that runs the networks; cuda needs ONNX Runtime's GPU package"), AllowedValues("cpu", "cuda")]
    public string Device { get; set; } = "cpu";

    [Description(
        "Folder of the catalog and of downloaded files; default: models/ of the repository, or beside the program")]
    public string Models { get; set; } = "";

    [Description($"Folders that are searched for model files before a download, separated as in PATH; default: {MirrorVariable}")]
    public string Mirror { get; set; } = "";

    [Description("Never download model files")]
    public bool Offline { get; set; }

    [Description("Executors: pictures that are classified at the same time"), Range(1, 1024)]
    public int Cores { get; set; } = Environment.ProcessorCount;

    [Description("Maximum pictures that wait for an executor; further ones wait on their connections"), Range(1, 1_000_000)]
    public int Queue { get; set; } = 64;

    [Description("Maximum connections; a further one replaces an idle connection, or is closed")]
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 10_000;

    [Description("Maximum connections per address, or per /64 network of IPv6; loopback is exempt")]
    [Range(1, 1_000_000)]
    public int ConnectionsPerAddress { get; set; } = 1000;

    [Description(
        "Maximum bytes of images in memory, received and waiting; above it, the slowest connection is closed. "
        + "Default: a quarter of the memory")]
    [Range(1 << 20, 1L << 40)]
    public long MaxBuffered { get; set; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    [Description("Maximum size of an image's base64 text in bytes"), Range(4, 1 << 30)]
    public int MaxPayload { get; set; } = Limits.Standard.MaxPayload;

    [Description("Maximum pixels of a picture at three bytes per pixel; fewer with alpha or 16 bits")]
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; set; } = ImagingLimits.Standard.MaxPixels;

    [Description("Maximum bytes of memory for decoding one picture; expensive pictures are decoded one at a time")]
    [Range(1 << 20, 1L << 36)]
    public long MaxHeld { get; set; } = ImagingLimits.Standard.MaxHeld;

    [Description("Maximum processor time for decoding one picture in seconds")]
    [Range(0.01, 3600)]
    public double DecodeTime { get; set; } = 4;

    [Description("Timeout of an exchange in seconds"), Range(0.1, 3600)]
    public double Deadline { get; set; } = 10;

    [Description("Idle timeout of an exchange in seconds, while the client is expected to send"), Range(0.1, 3600)]
    public double Silence { get; set; } = 5;

    [Description("Minimum milliseconds between an image's acknowledgement and its result, for old clients")]
    [Range(0.0, 1000)]
    public double Settle { get; set; } = 20;

    [Description("Seconds after which a connection without an exchange is closed"), Range(0.1, 3600)]
    public double Idle { get; set; } = 60;

    [Description("Seconds for running exchanges to finish after SIGTERM"), Range(0.0, 3600)]
    public double Drain { get; set; } = 10;

    [Description("PEM file of the worker's certificate and its chain; enables TLS on PORT")]
    public string TlsCertificate { get; set; } = "";

    [Description("PEM file of the certificate's private key; default: the certificate's file")]
    public string TlsKey { get; set; } = "";

    [Description("PEM file of certificate authorities; requires a client certificate from one of them")]
    public string TlsClientCa { get; set; } = "";

    [Description("Additional TCP port without TLS, for old clients; 0 for any free port"), Range(0, 65_535)]
    public int? PlainPort { get; set; }

    [Description("HTTP port on HOST for /metrics (Prometheus) and /health/ready; 0 for none"), Range(0, 65_535)]
    public int Metrics { get; set; }

    [Description("Redis server with the web nodes' shared worker list, in which this worker announces itself: "
        + "redis://[user:password@]host[:port][,host[:port]][/database][?prefix=NAME&sentinel=NAME&ca=FILE]")]
    public string Announce { get; set; } = "";

    [Description(
        "HOST:PORT at which web nodes reach this worker; "
        + "default: the listening address; for *, the local address of the connection to Redis")]
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
