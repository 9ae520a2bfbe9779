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
        match text, IPAddress.TryParse text with
        | "localhost", _ -> Localhost
        | _, (true, NonNull address) -> OneAddress address
        | _ -> AnyAddress

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

    /// Returns the port that is not available, and the option that changes it: the page's own unless only another one is
    /// taken.
    let private takenPort (configuration: IConfiguration) =
        let page = configuration["Http:Port"] |> Option.ofObj |> Option.defaultValue "9999"

        let isTaken (option: string) (address: string) =
            match Int32.TryParse configuration[option] with
            | true, port when port > 0 -> not (canListen (addressOf configuration[address]) port)
            | _ -> false

        if not (canListen (addressOf configuration["Http:Address"]) (int page)) then
            page, "--port"
        else
            [ "Metrics:Port", "Metrics:Address"; "Http:GrpcPort", "Http:Address" ]
            |> List.tryFind (fun (option, address) -> isTaken option address)
            |> Option.map (fun (option, _) -> string configuration[option], option)
            |> Option.defaultValue (page, "--port")

    /// Returns one line for the user: which port, and what to do.
    let describe (configuration: IConfiguration) (error: SocketException) =
        let port, option = takenPort configuration

        match error.SocketErrorCode with
        | SocketError.AddressAlreadyInUse -> $"Port {port} is in use: choose another one with {option}."
        | SocketError.AccessDenied -> $"Port {port} may not be used by this user: choose another one with {option}."
        | _ -> $"Can't listen on port {port} ({option}, and the address that goes with it): {error.Message}."
