namespace Web.Giraffe

open System
open Microsoft.Extensions.Logging

/// Log messages of the web node's HTTP half, one line per event. Event ids 3000 … 3099.
[<RequireQualifiedAccess>]
module HttpLog =
    let private uploadRefusedMessage =
        LoggerMessage.Define<int, string, int64>(
            LogLevel.Information,
            EventId(3001, "UploadRefused"),
            "Image refused: {Status} {Reason}, {Bytes} bytes"
        )

    let private adminRefusedMessage =
        LoggerMessage.Define<int, string, string, string, string>(
            LogLevel.Warning,
            EventId(3002, "AdminRefused"),
            "Administration refused: {Status} {Reason}, {Method} {Path} by {Caller}"
        )

    let private samplesMissingMessage =
        LoggerMessage.Define<string>(
            LogLevel.Information,
            EventId(3003, "SamplesMissing"),
            "No sample pictures in {Folder}: the page offers none"
        )

    let private weakTokenMessage =
        LoggerMessage.Define<int>(
            LogLevel.Warning,
            EventId(3004, "WeakToken"),
            "Admin:Token has {Length} characters: tokens of fewer than 16 characters can be guessed"
        )

    let private addressRefusedMessage =
        LoggerMessage.Define<WorkerAddress, string, string>(
            LogLevel.Warning,
            EventId(3005, "AddressRefused"),
            "Worker not added: {Worker} by {Caller}, {Reason}"
        )

    let private apiRefusedMessage =
        LoggerMessage.Define<int, string, string, string>(
            LogLevel.Information,
            EventId(3006, "ApiRefused"),
            "Request refused: {Status} {Reason}, {Path} by {Caller}"
        )

    let private keysReadMessage =
        LoggerMessage.Define<int>(LogLevel.Information, EventId(3007, "KeysRead"), "Api:Keys: {Count} keys loaded")

    let private keysKeptMessage =
        LoggerMessage.Define<string>(
            LogLevel.Error,
            EventId(3008, "KeysKept"),
            "Api:Keys can't be reloaded; the previous keys stay valid: {Reason}"
        )

    let private weakKeyMessage =
        LoggerMessage.Define(
            LogLevel.Warning,
            EventId(3009, "WeakKey"),
            "Api:Keys: a key has fewer than 16 characters and can be guessed"
        )

    let private tokenFileMessage =
        LoggerMessage.Define<string, string>(
            LogLevel.Information,
            EventId(3010, "AdminTokenFile"),
            "Administration requires the token in {Path}. In a browser, open {Url} and enter it as the password; a program sends it as a Bearer token"
        )

    let private newTokenFileMessage =
        LoggerMessage.Define<string, string, string>(
            LogLevel.Information,
            EventId(3011, "AdminTokenCreated"),
            "Administration requires a token: a new one was written to {Path}. In a browser, open {Url} and enter it as the password, with any user name. In a shell: {Command}"
        )

    let private noTokenFileMessage =
        LoggerMessage.Define<string, string>(
            LogLevel.Warning,
            EventId(3012, "AdministrationClosed"),
            "Administration is closed: {Path} can't be written ({Reason}). Set Admin:TokenFile or Admin:Token"
        )

    let private trustLoopbackMessage =
        LoggerMessage.Define(
            LogLevel.Warning,
            EventId(3013, "LoopbackTrusted"),
            "Admin:TrustLoopback is set: anyone who can connect from this machine is an administrator. Never use this setting behind a proxy"
        )

    let private grpcOffMessage =
        LoggerMessage.Define<int>(
            LogLevel.Warning,
            EventId(3020, "GrpcOff"),
            "gRPC is off: port {Port} is in use. Choose another port with Http:GrpcPort, or 0 for none"
        )

    let grpcOff (logger: ILogger) port =
        grpcOffMessage.Invoke(logger, port, null)

    /// Logs an upload refused before it reached a worker; the workers half logs their refusals. `bytes`: received so
    /// far, if known.
    let uploadRefused (logger: ILogger) (status: int) (reason: string) (bytes: int64) =
        uploadRefusedMessage.Invoke(logger, status, reason, bytes, null)

    /// Logs a refused administration request. `path` is encoded, so that a line break can't forge a log line.
    let adminRefused (logger: ILogger) (status: int) reason method path caller =
        adminRefusedMessage.Invoke(logger, status, reason, method, path, caller, null)

    let addressRefused (logger: ILogger) worker caller reason =
        addressRefusedMessage.Invoke(logger, worker, caller, reason, null)

    /// Logs a refused API request, never with the key. `path` is encoded.
    let apiRefused (logger: ILogger) (status: int) reason path caller =
        apiRefusedMessage.Invoke(logger, status, reason, path, caller, null)

    let keysRead (logger: ILogger) count =
        keysReadMessage.Invoke(logger, count, null)

    let keysKept (logger: ILogger) reason =
        keysKeptMessage.Invoke(logger, reason, null)

    let weakKey (logger: ILogger) = weakKeyMessage.Invoke(logger, null)

    let samplesMissing (logger: ILogger) folder =
        samplesMissingMessage.Invoke(logger, folder, null)

    let tokenFile (logger: ILogger) path url =
        tokenFileMessage.Invoke(logger, path, url, null)

    let newTokenFile (logger: ILogger) path url =
        let command =
            $"printf 'Authorization: Bearer %%s\\n' \"$(cat '{path}')\" | curl -H @- {url}"

        newTokenFileMessage.Invoke(logger, path, url, command, null)

    let noTokenFile (logger: ILogger) path reason =
        noTokenFileMessage.Invoke(logger, path, reason, null)

    let trustLoopback (logger: ILogger) =
        trustLoopbackMessage.Invoke(logger, null)

    let weakToken (logger: ILogger) length =
        weakTokenMessage.Invoke(logger, length, null)
