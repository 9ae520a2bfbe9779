namespace Web.Giraffe

open Microsoft.Extensions.Logging

/// Log messages of the web node's HTTP half, one line per event. Event ids 3000 … 3099.
[<RequireQualifiedAccess>]
module HttpLog =

    /// Logs an upload refused before it reached a worker; the workers half logs their refusals. The bytes are those that
    /// were received, if known.
    let uploadRefused: ILogger -> int -> string -> int64 -> unit =
        LogEvent.define3
            LogLevel.Information
            (EventId(3001, "UploadRefused"))
            "Image refused: {Status} {Reason}, {Bytes} bytes"

    /// Logs a refused administration request. The path is encoded, so that a line break can't forge a log line.
    let adminRefused: ILogger -> int -> string -> string -> string -> string -> unit =
        LogEvent.define5
            LogLevel.Warning
            (EventId(3002, "AdminRefused"))
            "Administration refused: {Status} {Reason}, {Method} {Path} by {Caller}"

    let samplesMissing: ILogger -> string -> unit =
        LogEvent.define1
            LogLevel.Information
            (EventId(3003, "SamplesMissing"))
            "No sample pictures in {Folder}: the page offers none"

    let weakToken: ILogger -> int -> unit =
        LogEvent.define1
            LogLevel.Warning
            (EventId(3004, "WeakToken"))
            "Admin:Token has {Length} characters: tokens of fewer than 16 characters can be guessed"

    let addressRefused: ILogger -> WorkerAddress -> string -> string -> unit =
        LogEvent.define3
            LogLevel.Warning
            (EventId(3005, "AddressRefused"))
            "Worker not added: {Worker} by {Caller}, {Reason}"

    /// Logs a refused API request, never with the key. The path is encoded.
    let apiRefused: ILogger -> int -> string -> string -> string -> unit =
        LogEvent.define4
            LogLevel.Information
            (EventId(3006, "ApiRefused"))
            "Request refused: {Status} {Reason}, {Path} by {Caller}"

    let keysRead: ILogger -> int -> unit =
        LogEvent.define1 LogLevel.Information (EventId(3007, "KeysRead")) "Api:Keys: {Count} keys loaded"

    let keysKept: ILogger -> string -> unit =
        LogEvent.define1
            LogLevel.Error
            (EventId(3008, "KeysKept"))
            "Api:Keys can't be reloaded; the previous keys stay valid: {Reason}"

    let weakKey: ILogger -> unit =
        LogEvent.define0
            LogLevel.Warning
            (EventId(3009, "WeakKey"))
            "Api:Keys: a key has fewer than 16 characters and can be guessed"

    let tokenFile: ILogger -> string -> string -> unit =
        LogEvent.define2
            LogLevel.Information
            (EventId(3010, "AdminTokenFile"))
            "Administration requires the token in {Path}. In a browser, open {Url} and enter it as the password; a program sends it as a Bearer token"

    let private newTokenFileWithCommand: ILogger -> string -> string -> string -> unit =
        LogEvent.define3
            LogLevel.Information
            (EventId(3011, "AdminTokenCreated"))
            "Administration requires a token: a new one was written to {Path}. In a browser, open {Url} and enter it as the password, with any user name. In a shell: {Command}"

    let newTokenFile log path url =
        let command =
            $"printf 'Authorization: Bearer %%s\\n' \"$(cat '{path}')\" | curl -H @- {url}"

        newTokenFileWithCommand log path url command

    let noTokenFile: ILogger -> string -> string -> unit =
        LogEvent.define2
            LogLevel.Warning
            (EventId(3012, "AdministrationClosed"))
            "Administration is closed: {Path} can't be written ({Reason}). Set Admin:TokenFile or Admin:Token"

    let trustLoopback: ILogger -> unit =
        LogEvent.define0
            LogLevel.Warning
            (EventId(3013, "LoopbackTrusted"))
            "Admin:TrustLoopback is set: anyone who can connect from this machine is an administrator. Never use this setting behind a proxy"

    let grpcOff: ILogger -> int -> unit =
        LogEvent.define1
            LogLevel.Warning
            (EventId(3020, "GrpcOff"))
            "gRPC is off: port {Port} is in use. Choose another port with Http:GrpcPort, or 0 for none"
