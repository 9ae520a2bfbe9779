namespace Web.Giraffe

open System
open System.Net
open System.Net.Http.Headers
open System.Security.Cryptography
open System.Text
open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers

/// Administrator access, as the options `Admin` configure it.
type AdminAccess =
    {
        /// `Admin:Token`, or the content of the file `Admin:TokenFile`; none if only `Admin:TrustLoopback` is set.
        Token: string option
        /// `Admin:TrustLoopback`.
        TrustLoopback: bool
    }

[<RequireQualifiedAccess>]
module AdminAccess =
    /// Returns the key that signs confirmations. Web nodes with the same token have the same key.
    let confirmationKey (access: AdminAccess) : byte[] =
        match access.Token with
        | Some token -> SHA256.HashData(Encoding.UTF8.GetBytes $"confirmation\n{token}")
        | None -> RandomNumberGenerator.GetBytes 32

/// The parts of a request that the guard checks.
type AdminRequest =
    {
        Caller: IPAddress option
        /// The header `Host` with its port.
        Host: HostString
        Headers: IHeaderDictionary
        Method: string
        /// Whether the request changes the worker list; a GET of `/add/…` does.
        Changes: bool
    }

type AdminRefusal =
    | ForeignPage
    /// Refused only by its `Origin`, which looks foreign behind a proxy that changes `Host`. A form's confirmation
    /// token overrides this.
    | ForeignOrigin
    | Prefetch
    /// The credential is right, but any page may have caused the browser to send the request.
    | Unconfirmed
    | NotThisMachine
    | Forwarded of header: string
    | ForeignHost
    | TokenMissing
    | TokenWrong
    | TooManyWrongTokens of wait: TimeSpan

/// Admits administrators: callers with the token, and callers on this machine if `Admin:TrustLoopback` is set. Rejects
/// requests that a foreign web page sends through an administrator's browser.
[<RequireQualifiedAccess>]
module AdminGuard =
    type private Credential =
        /// Sent deliberately by a program.
        | Bearer
        /// Sent by the browser automatically: a stored password, or the connection from loopback.
        | Ambient

    /// Returns a header that shows a proxy. A proxy on this machine makes every caller look local.
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
            // ASP.NET Core's middleware moves the headers that it has used here.
            || name.StartsWith("X-ORIGINAL-", StringComparison.Ordinal)
            || exact.Contains name)

    /// Returns the password of HTTP Basic, or none if it is not base64.
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

    /// Compares in constant time, whatever the lengths.
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
            // Compared first, so that wrong guesses never lock out a caller at the same address with the right token.
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

    /// Allows a change by GET only from a program or the address bar. Other methods are also allowed from this node's
    /// page.
    let private intended (request: AdminRequest) source credential =
        match source, credential with
        | OtherOrigin, _ -> Error ForeignOrigin
        | _, Bearer -> Ok()
        | (Typed | Program), Ambient -> Ok()
        | OwnPage, Ambient when not (HttpMethods.IsGet request.Method) -> Ok()
        | _ -> Error Unconfirmed

    /// Checks a request. `throttle` records wrong tokens.
    let check (throttle: LoginThrottle) (access: AdminAccess) (request: AdminRequest) : Result<unit, AdminRefusal> =
        match RequestSource.read request.Host request.Headers with
        | CrossSite -> Error ForeignPage
        | SameSite when request.Changes -> Error ForeignPage
        | _ when request.Changes && RequestSource.isPrefetch request.Headers -> Error Prefetch
        | source ->
            match credential throttle access request with
            | Ok credential when request.Changes -> intended request source credential
            | result -> Result.map ignore result
