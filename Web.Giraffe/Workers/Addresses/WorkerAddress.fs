namespace Web.Giraffe

open System
open System.Globalization
open System.Net
open System.Net.Sockets

/// A worker's address. `Host` is a DNS name, an IPv4 address or an IPv6 address without brackets; `Port` is 1 … 65535.
/// `IsTls`: the worker uses TLS. The same port with and without TLS is two addresses.
type WorkerAddress =
    {
        Host: string
        Port: int
        IsTls: bool
    }

    /// Returns `HOST:PORT` or `tls://HOST:PORT`, an IPv6 host in brackets. `WorkerAddress.tryParse` reads the result.
    override address.ToString() =
        let scheme = if address.IsTls then "tls://" else ""

        if address.Host.Contains ':' then
            $"{scheme}[{address.Host}]:{address.Port}"
        else
            $"{scheme}{address.Host}:{address.Port}"

/// The reasons why a text is not a worker address.
type AddressError =
    | EmptyAddress
    /// No colon, or nothing after it.
    | MissingPort of text: string
    /// Not digits only.
    | PortNotANumber of port: string
    /// A number outside 1 … 65535, as written.
    | PortOutOfRange of port: string
    | EmptyHost of text: string
    | BadHost of host: string
    /// Several colons without brackets: the start of the port is ambiguous.
    | BracketsMissing of text: string
    /// A scheme other than `tls`.
    | SchemeUnknown of scheme: string

[<RequireQualifiedAccess>]
module AddressError =

    // The maximum length of user input quoted in a message.
    [<Literal>]
    let private MaxQuoted = 80

    let private cut (text: string) =
        if text.Length > MaxQuoted then
            $"{text.Substring(0, MaxQuoted)}…"
        else
            text

    let private quote (text: string) = $"'{cut text}'"

    /// Returns one sentence without a full stop.
    let describe error =
        match error with
        | EmptyAddress -> "a worker's address is HOST:PORT, and none was given"
        | MissingPort text -> $"{quote text} has no port: a worker's address is HOST:PORT"
        | PortNotANumber port -> $"the port {quote port} is not a number"
        | PortOutOfRange port -> $"the port {quote port} is not between 1 and 65535"
        | EmptyHost text -> $"{quote text} has no host: a worker's address is HOST:PORT"
        | BadHost host -> $"{quote host} is neither a host name nor an IP address"
        | BracketsMissing text ->
            $"{quote text} has several colons: write an IPv6 address in brackets, as in [::1]:8888"
        | SchemeUnknown scheme -> $"leave out {cut scheme}://. Use HOST:PORT, or tls://HOST:PORT"

[<RequireQualifiedAccess>]
module WorkerAddress =

    /// Creates an address without TLS.
    let withoutTls host port : WorkerAddress =
        {
            Host = host
            Port = port
            IsTls = false
        }

    let private tryPort (text: string) =
        let digits = text |> Seq.forall Char.IsAsciiDigit

        match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | _ when not digits -> Error(PortNotANumber text)
        | true, port when port >= 1 && port <= 65535 -> Ok port
        | _ -> Error(PortOutOfRange text)

    let private isIPv4 (host: string) =
        match IPAddress.TryParse host with
        // Only the dotted form: `127.1` and `2130706433` would be other names for the same worker.
        | true, NonNull address -> address.AddressFamily = AddressFamily.InterNetwork && address.ToString() = host
        | _ -> false

    let private isLabel (label: string) =
        label.Length >= 1
        && label.Length <= 63
        && label |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '-' || c = '_')
        && label[0] <> '-'
        && label[label.Length - 1] <> '-'

    // Some resolvers read a last label of digits only, or `0x…`, as an address, others as a name.
    let private isName (host: string) =
        let labels = host.Split '.'
        let last = labels[labels.Length - 1]

        host.Length <= 253
        && Array.forall isLabel labels
        && not (Seq.forall Char.IsAsciiDigit last)
        && not (last.StartsWith("0x", StringComparison.Ordinal))

    let private tryHost (host: string) =
        let host = host.ToLowerInvariant()

        if isIPv4 host || isName host then
            Ok host
        else
            Error(BadHost host)

    let private tryIPv6 (host: string) =
        match IPAddress.TryParse host with
        | true, NonNull address when
            address.AddressFamily = AddressFamily.InterNetworkV6
            && not (host.StartsWith '[')
            ->
            Ok(address.ToString())
        | _ -> Error(BadHost host)

    let private combine host port =
        match host, port with
        | Ok host, Ok port -> Ok(withoutTls host port)
        | Error error, _
        | _, Error error -> Error error

    let private tryBracketed (text: string) =
        match text.IndexOf ']' with
        | -1 -> Error(BadHost text)
        | 1 -> Error(EmptyHost text)
        | close when close = text.Length - 1 || text[close + 1] <> ':' || close = text.Length - 2 ->
            Error(MissingPort text)
        | close -> combine (tryIPv6 (text.Substring(1, close - 1))) (tryPort (text.Substring(close + 2)))

    let private tryHostAndPort (text: string) =
        let colon = text.IndexOf ':'

        if text = "" then
            Error EmptyAddress
        elif text[0] = '[' then
            tryBracketed text
        elif colon < 0 || colon = text.Length - 1 then
            Error(MissingPort text)
        elif colon = 0 && text.LastIndexOf ':' = 0 then
            Error(EmptyHost text)
        elif text.LastIndexOf ':' <> colon then
            Error(BracketsMissing text)
        else
            combine (tryHost (text.Substring(0, colon))) (tryPort (text.Substring(colon + 1)))

    /// Parses an address: ["tls://"] host ":" port, host = DNS name / IPv4 / "[" IPv6 "]". Ignores white space around
    /// it, converts a name to lower case and an IPv6 address to its shortest form.
    let tryParse (text: string | null) : Result<WorkerAddress, AddressError> =
        let text =
            match text with
            | null -> ""
            | text -> text.Trim()

        match text.IndexOf "://" with
        | -1 -> tryHostAndPort text
        | 3 when text.StartsWith("tls", StringComparison.OrdinalIgnoreCase) ->
            tryHostAndPort (text.Substring 6)
            |> Result.map (fun address -> { address with IsTls = true })
        | length -> Error(SchemeUnknown(text.Substring(0, length)))
