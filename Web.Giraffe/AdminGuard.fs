namespace Web.Giraffe

open System
open System.Net
open System.Net.Http.Headers
open System.Security.Cryptography
open System.Text
open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers

/// What the guard looks at in a request.
type AdminRequest =
    {
        Caller: IPAddress option
        /// The header `Host`, its port included.
        Host: HostString
        Headers: IHeaderDictionary
        /// Whether the request changes the worker list; a GET of `/add/…` does.
        Changes: bool
    }

type AdminRefusal =
    | CrossSite
    | Prefetch
    | NotThisMachine
    | Forwarded of header: string
    | ForeignHost
    | TokenMissing
    | TokenWrong
    | ShutOut of wait: TimeSpan

/// Who may administer: without a token callers on this machine, with one whoever brings it; never a foreign web page
/// by way of somebody's browser.
[<RequireQualifiedAccess>]
module AdminGuard =
    /// A proxy on this machine makes every stranger look local; it leaves one of these.
    let private forwarding (headers: IHeaderDictionary) =
        headers.Keys
        |> Seq.tryFind (fun name ->
            let is (other: string) =
                name.Equals(other, StringComparison.OrdinalIgnoreCase)

            let begins (prefix: string) =
                name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)

            begins "X-Forwarded"
            // What ASP.NET Core's own middleware leaves of those that it has believed.
            || begins "X-Original-"
            || List.exists
                is
                [
                    "Forwarded"
                    "Via"
                    "X-Real-IP"
                    "X-Client-IP"
                    "X-Cluster-Client-IP"
                    "True-Client-IP"
                    "CF-Connecting-IP"
                    "Fly-Client-IP"
                ])

    let private isLoopback (address: IPAddress) =
        IPAddress.IsLoopback(
            if address.IsIPv4MappedToIPv6 then
                address.MapToIPv4()
            else
                address
        )

    /// A name that a stranger's DNS points here (DNS rebinding) is neither of these.
    let private isLocalHost (host: HostString) =
        host.HasValue
        && (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (match IPAddress.TryParse(host.Host.Trim('[', ']')) with
                | true, NonNull address -> isLoopback address
                | _ -> false))

    /// Whether a page of this node's own sent the request, by its header `Origin`.
    let isOwnOrigin (host: HostString) (origin: string) =
        match Uri.TryCreate(origin, UriKind.Absolute) with
        | true, NonNull uri -> uri.Authority.Equals(host.ToUriComponent(), StringComparison.OrdinalIgnoreCase)
        | _ -> false

    /// The browser's own word first; where it gives none (plain HTTP to another machine), the page's origin.
    let private crossSite (request: AdminRequest) =
        match string request.Headers["Sec-Fetch-Site"] with
        | "cross-site" -> true
        | "same-site" when request.Changes -> true
        | _ ->
            match string request.Headers.Origin with
            | "" -> false
            | origin -> request.Changes && not (isOwnOrigin request.Host origin)

    /// HTTP Basic's; none where it is not base64.
    let passwordOf (value: AuthenticationHeaderValue) : string option =
        try
            let pair = Encoding.UTF8.GetString(Convert.FromBase64String(string value.Parameter))
            Some(pair.Substring(pair.IndexOf ':' + 1))
        with :? FormatException ->
            None

    let private tokenOf (headers: IHeaderDictionary) : string option =
        match AuthenticationHeaderValue.TryParse(string headers.Authorization) with
        | true, NonNull value when value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ->
            Some(string value.Parameter)
        | true, NonNull value when value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ->
            Some(Option.defaultValue "" (passwordOf value))
        | true, _ -> Some ""
        | _ ->
            if headers.ContainsKey HeaderNames.Authorization then
                Some ""
            else
                None

    /// In a time that depends on neither, since what is compared are two digests.
    let private same (left: string) (right: string) =
        let digest (text: string) =
            SHA256.HashData(Encoding.UTF8.GetBytes text)

        CryptographicOperations.FixedTimeEquals(digest left, digest right)

    let private withToken (wrongTokens: WrongTokens) (token: string) (request: AdminRequest) =
        let caller = request.Caller |> Option.defaultValue IPAddress.None

        match wrongTokens.Wait caller, tokenOf request.Headers with
        | Some wait, _ -> Error(ShutOut wait)
        | None, None -> Error TokenMissing
        | None, Some given when same given token ->
            wrongTokens.Right caller
            Ok()
        | None, Some _ ->
            wrongTokens.Wrong caller
            Error TokenWrong

    let private onThisMachine (request: AdminRequest) =
        match request.Caller, forwarding request.Headers with
        | None, _ -> Error NotThisMachine
        | Some caller, _ when not (isLoopback caller) -> Error NotThisMachine
        | Some _, Some header -> Error(Forwarded header)
        | Some _, None -> if isLocalHost request.Host then Ok() else Error ForeignHost

    /// `wrongTokens` is written to when a token is configured.
    let check (wrongTokens: WrongTokens) (token: string option) (request: AdminRequest) : Result<unit, AdminRefusal> =
        if crossSite request then
            Error CrossSite
        elif request.Changes && (string request.Headers["Sec-Purpose"]).Contains "prefetch" then
            Error Prefetch
        else
            match token with
            | Some token -> withToken wrongTokens token request
            | None -> onThisMachine request

    let problem =
        function
        | CrossSite ->
            Problem.create
                403
                "Refused"
                "Another web page sent this request. Type the address yourself, or use the form on /workers."
        | Prefetch -> Problem.create 403 "Refused" "A browser's guess at where you may go next changes nothing."
        | NotThisMachine ->
            Problem.create
                403
                "Refused"
                "Workers are administered from the machine that the web node runs on, unless Admin:Token is set."
        | Forwarded header ->
            Problem.create
                403
                "Refused"
                $"The request came through a proxy (header {header}), so nobody knows from which machine. Set Admin:Token to administer through a proxy."
        | ForeignHost ->
            Problem.create
                403
                "Refused"
                "Without Admin:Token, workers are administered at localhost or a loopback address, under no other name."
        | TokenMissing ->
            Problem.create
                401
                "Token needed"
                "Load the page again and give Admin:Token as the password, with any user name. A program sends it as a Bearer token."
        | TokenWrong ->
            Problem.create
                401
                "Wrong token"
                "That is not the token of Admin:Token. Load the page again and give the right one as the password."
        | ShutOut wait ->
            { Problem.create 429 "Too many wrong tokens" "Too many wrong tokens in a row. Wait, then try the right one." with
                RetryAfter = Some wait
            }
