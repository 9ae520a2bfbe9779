namespace Web.Giraffe

open System
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

/// Raised in a connection attempt; never leaves `ImageFetcher`.
exception private OutsideFetchNetworks

/// Fetches pictures from other servers for the page, within `Http:FetchNetworks`. Every connection is made to an address
/// that was checked after the name was resolved, those of redirects too.
[<Sealed>]
type ImageFetcher(allowed: FetchNetworks, maxBytes: int, timeout: TimeSpan) =
    let maxRedirects = 3

    let connect (context: SocketsHttpConnectionContext) (cancel: CancellationToken) : Task<Stream> =
        task {
            let! found =
                // The lookup refuses 0.0.0.0 and [::] as if they were unknown names.
                match IPAddress.TryParse context.DnsEndPoint.Host with
                | true, NonNull address -> Task.FromResult [| address |]
                | _ -> Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancel)

            match Array.filter (FetchNetworks.allows allowed) found with
            | [||] -> return raise OutsideFetchNetworks
            | usable ->
                let socket = new Socket(SocketType.Stream, ProtocolType.Tcp, NoDelay = true)

                try
                    do! socket.ConnectAsync(usable, context.DnsEndPoint.Port, cancel)
                    return new NetworkStream(socket, true) :> Stream
                with broken ->
                    socket.Dispose()
                    return raise broken
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
                ConnectCallback = (fun context cancel -> ValueTask<Stream>(connect context cancel))
            ),
            Timeout = Timeout.InfiniteTimeSpan
        )

    do client.DefaultRequestHeaders.Accept.ParseAdd "image/*"

    let read (response: HttpResponseMessage) (cancel: CancellationToken) : Task<Result<byte[], FetchFault>> =
        task {
            use! body = response.Content.ReadAsStreamAsync cancel
            use kept = new MemoryStream()
            let block: byte[] = Array.zeroCreate 65_536
            let mutable isMore = true

            while isMore do
                let! count = body.ReadAsync(block, cancel)
                kept.Write(block, 0, count)
                isMore <- count > 0 && kept.Length <= int64 maxBytes

            return
                if kept.Length > int64 maxBytes then
                    Error(FetchFault.TooLong maxBytes)
                else
                    Ok(kept.ToArray())
        }

    let isWeb (address: Uri) =
        address.Scheme = Uri.UriSchemeHttp || address.Scheme = Uri.UriSchemeHttps

    let rec fetch (address: Uri) redirects (cancel: CancellationToken) : Task<Result<byte[], FetchFault>> =
        task {
            use! response =
                client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancel)

            match int response.StatusCode, response.Headers.Location with
            | status, NonNull next when status >= 300 && status < 400 ->
                let next = Uri(address, next)

                if redirects = 0 then
                    return Error FetchFault.TooManyRedirects
                elif not (isWeb next) then
                    return Error FetchFault.NotAnAddress
                else
                    return! fetch next (redirects - 1) cancel
            | 200, _ -> return! read response cancel
            | status, _ -> return Error(FetchFault.Answered status)
        }

    let rec isRefusal (error: exn) =
        match error, error.InnerException with
        | OutsideFetchNetworks, _ -> true
        | _, NonNull inner -> isRefusal inner
        | _ -> false

    /// Fetches the file at an address of http or https: at most `maxBytes`, within `timeout`.
    member _.Fetch(text: string, cancel: CancellationToken) : Task<Result<byte[], FetchFault>> =
        task {
            match Uri.TryCreate(text.Trim(), UriKind.Absolute) with
            | true, NonNull address when isWeb address ->
                use limited = CancellationTokenSource.CreateLinkedTokenSource cancel
                limited.CancelAfter timeout

                try
                    return! fetch address maxRedirects limited.Token
                with
                | :? OperationCanceledException when not cancel.IsCancellationRequested ->
                    return Error FetchFault.TooSlow
                | :? HttpRequestException
                | :? IOException as error ->
                    return
                        Error(
                            if isRefusal error then
                                FetchFault.NotAllowed address.Host
                            else
                                FetchFault.Unreachable address.Host
                        )
            | _ -> return Error FetchFault.NotAnAddress
        }

    interface IDisposable with
        member _.Dispose() = client.Dispose()
