/// The ports of the web node and the limits of their connections.
[<RequireQualifiedAccess>]
module Web.Giraffe.KestrelSetup

open System
open System.Net
open Microsoft.AspNetCore.Server.Kestrel.Core

[<Literal>]
let DefaultGrpcPort = 8001

/// Returns the port of gRPC, or none. Only the default port may be in use by another program.
let grpcPort (settings: WebSettings) (telemetry: TelemetrySettings) =
    match settings.GrpcPort with
    | Some 0 -> None
    | Some port -> Some port
    | None when
        settings.Port <> DefaultGrpcPort
        && telemetry.Port <> Some DefaultGrpcPort
        && ListenError.canListen settings.Address DefaultGrpcPort
        ->
        Some DefaultGrpcPort
    | None -> None

/// Sets the limits and the ports.
let configure
    (settings: WebSettings)
    (telemetry: TelemetrySettings)
    (grpc: int option)
    (options: KestrelServerOptions)
    =
    options.AddServerHeader <- false
    let limits = options.Limits
    // For all requests except pictures; their routes have their own limit.
    limits.MaxRequestBodySize <- Nullable 65_536L
    limits.RequestHeadersTimeout <- TimeSpan.FromSeconds 10.0
    limits.KeepAliveTimeout <- TimeSpan.FromSeconds 60.0
    limits.MinRequestBodyDataRate <- MinDataRate(1024.0, TimeSpan.FromSeconds 10.0)

    // Each port has its own limiter.
    let limited (listen: ListenOptions) =
        ConnectionGuard.listen (ConnectionGuard.limiter settings TimeProvider.System) listen

    let listen (configure: ListenOptions -> unit) address port =
        match address with
        | AnyAddress -> options.ListenAnyIP(port, configure)
        // Kestrel has no port of its own choice for both loopback addresses.
        | Localhost when port = 0 -> options.Listen(IPAddress.Loopback, port, configure)
        | Localhost -> options.ListenLocalhost(port, configure)
        | OneAddress address -> options.Listen(address, port, configure)

    // Without TLS a client can't choose: it must know that the port speaks HTTP/2.
    let http2 (listen: ListenOptions) =
        listen.Protocols <- HttpProtocols.Http2
        limited listen

    listen limited settings.Address settings.Port
    grpc |> Option.iter (listen http2 settings.Address)
    telemetry.Port |> Option.iter (listen limited telemetry.Address)
