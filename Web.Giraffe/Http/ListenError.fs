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

    let private canListen (address: string | null) (port: int) =
        try
            use listener =
                match IPAddress.TryParse address with
                | true, NonNull address -> new TcpListener(address, port)
                | _ -> TcpListener.Create port

            listener.Start()
            true
        with :? SocketException ->
            false

    /// Returns the port that is not available, and the option that changes it: the metrics port if only that one is
    /// taken.
    let private takenPort (configuration: IConfiguration) =
        let page = configuration["Http:Port"] |> Option.ofObj |> Option.defaultValue "9999"

        match Int32.TryParse configuration["Metrics:Port"] with
        | true, metrics when
            not (canListen configuration["Metrics:Address"] metrics)
            && canListen configuration["Http:Address"] (int page)
            ->
            string metrics, "Metrics:Port"
        | _ -> page, "--port"

    /// Returns one line for the user: which port, and what to do.
    let describe (configuration: IConfiguration) (error: SocketException) =
        let port, option = takenPort configuration

        match error.SocketErrorCode with
        | SocketError.AddressAlreadyInUse -> $"Port {port} is in use: choose another one with {option}."
        | SocketError.AccessDenied -> $"Port {port} may not be used by this user: choose another one with {option}."
        | _ -> $"Can't listen on port {port} ({option}, and the address that goes with it): {error.Message}."
