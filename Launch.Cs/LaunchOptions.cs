namespace Launch;

/// <summary>The nodes to start on this machine.</summary>
/// <param name="Workers">The number of workers, 1 to 1000, on consecutive ports.</param>
/// <param name="Port">The port of the page, 1 to 65535.</param>
/// <param name="WorkerPort">The port of the first worker, 1 to 65535.</param>
/// <param name="GrpcPort">
/// The port of gRPC, 1 to 65535, or 0 for none; null for the default one if it is free.
/// </param>
/// <param name="Models">
/// The models' names, separated by commas; the first is the default. Null for the workers' own.
/// </param>
internal sealed record LaunchOptions(int Workers, int Port, int WorkerPort, int? GrpcPort, string? Models)
{
    /// <summary>The default port of gRPC, Triton's.</summary>
    public const int DefaultGrpcPort = 8001;

    /// <summary>The port of the last worker.</summary>
    public int LastWorkerPort => WorkerPort + Workers - 1;

    /// <summary>Returns one line about ports that collide or don't exist, or null if the options are valid.</summary>
    public string? Validate() =>
        LastWorkerPort > 65535 ? $"There are not {Workers} valid ports from {WorkerPort} on."
        : Port >= WorkerPort && Port <= LastWorkerPort
            ? $"Port {Port} is used by both the page and a worker; the workers use {WorkerPort} to {LastWorkerPort}."
        : GrpcPort is > 0 && (GrpcPort == Port || (GrpcPort >= WorkerPort && GrpcPort <= LastWorkerPort))
            ? $"Port {GrpcPort} would be gRPC's and another node's: "
                + $"the page uses {Port}, the workers {WorkerPort} to {LastWorkerPort}."
            : null;

    /// <summary>Returns whether the port is assigned to another node on this machine.</summary>
    public bool Uses(int port) => port == Port || (port >= WorkerPort && port <= LastWorkerPort);
}
