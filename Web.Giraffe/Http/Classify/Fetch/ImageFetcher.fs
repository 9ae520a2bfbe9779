namespace Web.Giraffe

open System
open System.Buffers
open System.IO
open System.Net
open System.Net.Http
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks

/// The reason why a picture is not fetched.
[<RequireQualifiedAccess>]
type FetchFault =
    | NotAnAddress
    /// The name's addresses are in no allowed network.
    | NotAllowed of host: string
    | Unreachable of host: string
    /// The other server answered with this status.
    | Answered of status: int
    | TooManyRedirects
    | TooLong of limit: int
    | TooSlow
    /// The node's memory for pictures is in use.
    | NoRoom

/// Raised in a connection attempt; never leaves `ImageFetcher`.
exception private OutsideFetchNetworks

/// Fetches pictures from other servers for the page, within `Http:FetchNetworks`. Every connection is made to an address
/// that was checked after the name was resolved, those of redirects too.
[<Sealed>]
type ImageFetcher(allowed: FetchNetworks, maxBytes: int, timeout: TimeSpan) =
    let maxRedirects = 3
    // Not the workers' own look-ups, which users must not delay.
    let hosts = HostLookUp 8

    let connect (context: SocketsHttpConnectionContext) (cancel: CancellationToken) : Task<Stream> =
        task {
            let! found =
                // The lookup refuses 0.0.0.0 and [::] as if they were unknown names.
                match IPAddress.TryParse context.DnsEndPoint.Host with
                | true, NonNull address -> Task.FromResult [| address |]
                | _ -> hosts.AddressesOf(context.DnsEndPoint.Host, cancel)

            match Array.filter (FetchNetworks.allows allowed) found with
            | [||] -> return raise OutsideFetchNetworks
            | usable ->
                let socket = new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true)

                try
                    do! socket.ConnectAsync(usable, context.DnsEndPoint.Port, cancel)
                    return new NetworkStream(socket, true) :> Stream
                with ex ->
                    socket.Dispose()
                    return raise ex
        }

    let client =
        new HttpClient(
            new SocketsHttpHandler(
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                MaxResponseHeadersLength = 16,
                // A name is resolved and checked again soon.
                PooledConnectionLifetime = TimeSpan.FromSeconds 10.0,
                // Pooled connections are opened independently of the requests that wait for them.
                ConnectTimeout = timeout,
                ConnectCallback = (fun context cancel -> ValueTask<Stream>(connect context cancel))
            ),
            Timeout = Timeout.InfiniteTimeSpan
        )

    do client.DefaultRequestHeaders.Accept.ParseAdd "image/*"

    let read (response: HttpResponseMessage) (lease: UploadLease) (cancel: CancellationToken) =
        task {
            use! body = response.Content.ReadAsStreamAsync cancel

            match! Upload.readAll maxBytes lease.Blocks body cancel with
            | Ok bytes -> return Ok bytes
            | Error OutOfRoom -> return Error FetchFault.NoRoom
            | Error _ -> return Error(FetchFault.TooLong maxBytes)
        }

    let isWeb (address: Uri) =
        address.Scheme = Uri.UriSchemeHttp || address.Scheme = Uri.UriSchemeHttps

    let rec isRefusal (error: exn) =
        match error, error.InnerException with
        | OutsideFetchNetworks, _ -> true
        | _, NonNull inner -> isRefusal inner
        | _ -> false

    let rec fetch (address: Uri) redirects (lease: UploadLease) (cancel: CancellationToken) =
        task {
            try
                use! response =
                    client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancel)

                match int response.StatusCode, response.Headers.Location with
                | status, NonNull _ when status >= 300 && status < 400 && redirects = 0 ->
                    return Error FetchFault.TooManyRedirects
                | status, NonNull next when status >= 300 && status < 400 ->
                    match Uri.TryCreate(address, next) with
                    | true, NonNull next when isWeb next -> return! fetch next (redirects - 1) lease cancel
                    | _ -> return Error FetchFault.NotAnAddress
                | 200, _ -> return! read response lease cancel
                | status, _ -> return Error(FetchFault.Answered status)
            with
            | :? HttpRequestException
            | :? IOException as error ->
                return
                    Error(
                        if isRefusal error then
                            FetchFault.NotAllowed address.Host
                        else
                            FetchFault.Unreachable address.Host
                    )
        }

    /// Fetches the file at an address of http or https: at most `maxBytes`, within `timeout`. The lease holds its bytes.
    member _.Fetch
        (text: string, lease: UploadLease, cancel: CancellationToken)
        : Task<Result<ReadOnlySequence<byte>, FetchFault>> =
        task {
            match Uri.TryCreate(text.Trim(), UriKind.Absolute) with
            | true, NonNull address when isWeb address ->
                use limited = CancellationTokenSource.CreateLinkedTokenSource cancel
                limited.CancelAfter timeout

                try
                    return! fetch address maxRedirects lease limited.Token
                with :? OperationCanceledException when not cancel.IsCancellationRequested ->
                    return Error FetchFault.TooSlow
            | _ -> return Error FetchFault.NotAnAddress
        }

    interface IDisposable with
        member _.Dispose() = client.Dispose()
