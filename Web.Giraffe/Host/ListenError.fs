namespace Web.Giraffe

open System
open System.Net
open System.Net.Sockets
open Microsoft.Extensions.Configuration

/// Explains to the user why the node can't listen.
[<RequireQualifiedAccess>]
module ListenError =

    let rec (|SocketFailed|_|) (error: exn | null) : SocketException option =
        match error with
        | null -> None
        | :? SocketException as error -> Some error
        | error -> (|SocketFailed|_|) error.InnerException

    let private addressOf (text: string | null) =
        SettingParsing.tryAddress text |> Option.defaultValue AnyAddress

    let private canStart (listener: TcpListener) =
        use listener = listener

        try
            listener.Start()
            true
        with :? SocketException ->
            false

    /// Returns whether this process may listen there now.
    let canListen (address: ListenAddress) (port: int) =
        match address with
        | OneAddress address -> canStart (new TcpListener(address, port))
        | Localhost ->
            canStart (new TcpListener(IPAddress.Loopback, port))
            && (not Socket.OSSupportsIPv6
                || canStart (new TcpListener(IPAddress.IPv6Loopback, port)))
        | AnyAddress -> canStart (TcpListener.Create port)

    let private pagePort (configuration: IConfiguration) =
        configuration["Http:Port"] |> Option.ofObj |> Option.defaultValue "9999"

    /// Returns the configured port that is not available, the page's own first, and the option that changes it.
    let private takenPort (configuration: IConfiguration) =
        let page = pagePort configuration

        let isTaken (option: string) (address: string) =
            match Int32.TryParse configuration[option] with
            | true, port when port > 0 -> not (canListen (addressOf configuration[address]) port)
            | _ -> false

        if not (canListen (addressOf configuration["Http:Address"]) (int page)) then
            Some(page, "--port")
        else
            [ "Metrics:Port", "Metrics:Address"; "Http:GrpcPort", "Http:Address" ]
            |> List.tryFind (fun (option, address) -> isTaken option address)
            |> Option.map (fun (option, _) -> string configuration[option], option)

    /// Returns whether every configured port is available now: another program has taken gRPC's default port since the
    /// node looked at it.
    let areConfiguredPortsFree (configuration: IConfiguration) = (takenPort configuration).IsNone

    /// Returns one line for the user: which port, and what to do.
    let describe (configuration: IConfiguration) (error: SocketException) =
        let port, option =
            takenPort configuration
            |> Option.defaultValue (pagePort configuration, "--port")

        match error.SocketErrorCode with
        | SocketError.AddressAlreadyInUse -> $"Port {port} is in use: choose another one with {option}."
        | SocketError.AccessDenied -> $"Port {port} may not be used by this user: choose another one with {option}."
        | _ -> $"Can't listen on port {port} ({option} and its address): {error.Message}."
