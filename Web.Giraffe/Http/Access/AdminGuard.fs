namespace Web.Giraffe

open System
open System.Net
open System.Net.Http.Headers
open System.Security.Cryptography
open System.Text
open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers

/// Who may administer, by the options `Admin`.
type AdminAccess =
    {
        /// `Admin:Token`, or the content of the file `Admin:TokenFile`; none with `Admin:TrustLoopback` alone.
        Token: string option
        /// `Admin:TrustLoopback`.
        TrustLoopback: bool
    }

[<RequireQualifiedAccess>]
module AdminAccess =
    /// Signs confirmations. The same on web nodes that have the same token.
    let confirmationKey (access: AdminAccess) : byte[] =
        match access.Token with
        | Some token -> SHA256.HashData(Encoding.UTF8.GetBytes $"confirmation\n{token}")
        | None -> RandomNumberGenerator.GetBytes 32

/// What the guard looks at in a request.
type AdminRequest =
    {
        Caller: IPAddress option
        /// The header `Host`, its port included.
        Host: HostString
        Headers: IHeaderDictionary
        Method: string
        /// Whether the request changes the worker list; a GET of `/add/…` does.
        Changes: bool
    }

type AdminRefusal =
    | ForeignPage
    /// Refused by its `Origin` alone, which a proxy that changes `Host` makes look foreign: a form's confirmation
    /// token outweighs it.
    | ForeignOrigin
    | Prefetch
    /// The credential is right, but any page may have made the browser send the request.
    | Unconfirmed
    | NotThisMachine
    | Forwarded of header: string
    | ForeignHost
    | TokenMissing
    | TokenWrong
    | TooManyWrongTokens of wait: TimeSpan

/// Lets administrators in: whoever has the token, and this machine's callers where `Admin:TrustLoopback` says so. Never
/// a foreign web page by way of an administrator's browser.
[<RequireQualifiedAccess>]
module AdminGuard =
    type private Credential =
        /// Sent by a program on purpose.
        | Bearer
        /// A browser sends it by itself once the user gave it: the password, or the connection from loopback.
        | Ambient

    /// A proxy on this machine makes every stranger look local; it leaves one of these.
    let private forwarding (headers: IHeaderDictionary) =
        let exact =
            Set
                [
                    "FORWARDED"
                    "VIA"
                    "X-REAL-IP"
                    "X-CLIENT-IP"
                    "X-CLUSTER-CLIENT-IP"
                    "TRUE-CLIENT-IP"
                    "CF-CONNECTING-IP"
                    "FLY-CLIENT-IP"
                ]

        headers.Keys
        |> Seq.tryFind (fun name ->
            let name = name.ToUpperInvariant()

            name.StartsWith("X-FORWARDED", StringComparison.Ordinal)
            // ASP.NET Core's middleware moves those that it has used here.
            || name.StartsWith("X-ORIGINAL-", StringComparison.Ordinal)
            || exact.Contains name)

    /// The password of HTTP Basic; none where it is not base64.
    let passwordOf (value: AuthenticationHeaderValue) : string option =
        try
            let pair = Encoding.UTF8.GetString(Convert.FromBase64String(string value.Parameter))
            Some(pair.Substring(pair.IndexOf ':' + 1))
        with :? FormatException ->
            None

    let private given (headers: IHeaderDictionary) : (Credential * string) option =
        match AuthenticationHeaderValue.TryParse(string headers.Authorization) with
        | true, NonNull value when value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ->
            Some(Bearer, string value.Parameter)
        | true, NonNull value when value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ->
            Some(Ambient, Option.defaultValue "" (passwordOf value))
        | _ ->
            if headers.ContainsKey HeaderNames.Authorization then
                Some(Ambient, "")
            else
                None

    /// Compares digests, in a time that depends on neither text.
    let private same (left: string) (right: string) =
        let digest (text: string) =
            SHA256.HashData(Encoding.UTF8.GetBytes text)

        CryptographicOperations.FixedTimeEquals(digest left, digest right)

    let private onThisMachine (request: AdminRequest) =
        match request.Caller, forwarding request.Headers with
        | None, _ -> Error NotThisMachine
        | Some caller, _ when not (Loopback.isAddress caller) -> Error NotThisMachine
        | Some _, Some header -> Error(Forwarded header)
        | Some _, None ->
            if Loopback.isHost request.Host then
                Ok Ambient
            else
                Error ForeignHost

    let private credential (throttle: LoginThrottle) (access: AdminAccess) (request: AdminRequest) =
        match access.Token, given request.Headers with
        | Some token, Some(credential, given) ->
            // Compared first: guesses from an address never lock out whoever shares it and has the right token.
            if same given token then
                Ok credential
            else
                match throttle.Failed(request.Caller |> Option.defaultValue IPAddress.None) with
                | Some wait -> Error(TooManyWrongTokens wait)
                | None -> Error TokenWrong
        | Some _, None ->
            match onThisMachine request with
            | Ok credential when access.TrustLoopback -> Ok credential
            | _ -> Error TokenMissing
        | None, _ when access.TrustLoopback -> onThisMachine request
        | None, _ -> Error NotThisMachine

    /// A GET changes something only when a program or the user's own hand sent it; any other method, when this node's
    /// page did, too.
    let private intended (request: AdminRequest) source credential =
        match source, credential with
        | OtherOrigin, _ -> Error ForeignOrigin
        | _, Bearer -> Ok()
        | (Typed | Program), Ambient -> Ok()
        | OwnPage, Ambient when not (HttpMethods.IsGet request.Method) -> Ok()
        | _ -> Error Unconfirmed

    /// `throttle` records wrong tokens.
    let check (throttle: LoginThrottle) (access: AdminAccess) (request: AdminRequest) : Result<unit, AdminRefusal> =
        match RequestSource.read request.Host request.Headers with
        | CrossSite -> Error ForeignPage
        | SameSite when request.Changes -> Error ForeignPage
        | _ when request.Changes && RequestSource.isPrefetch request.Headers -> Error Prefetch
        | source ->
            match credential throttle access request with
            | Ok credential when request.Changes -> intended request source credential
            | result -> Result.map ignore result
