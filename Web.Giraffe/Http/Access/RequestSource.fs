namespace Web.Giraffe

open System
open System.Net
open Microsoft.AspNetCore.Http

/// Where a request comes from, as far as its headers show it. A web page can't forge these headers; a program can, so
/// they protect people's browsers and are no credential.
type RequestSource =
    /// A page of another site sent it (`Sec-Fetch-Site`).
    | CrossSite
    /// A page of another origin of this site, such as another port (`Sec-Fetch-Site`).
    | SameSite
    /// A page of another origin, by the header `Origin`: browsers send no `Sec-Fetch-Site` over plain HTTP to a name
    /// that is not local.
    | OtherOrigin
    /// A page of this node.
    | OwnPage
    /// The address bar or a bookmark (`Sec-Fetch-Site: none`).
    | Typed
    /// A browser that sends neither header: any page may be behind it.
    | UnknownPage
    /// No browser.
    | Program

[<RequireQualifiedAccess>]
module RequestSource =
    let private has (name: string) (headers: IHeaderDictionary) = string headers[name] <> ""

    /// Every browser's `User-Agent` begins so, and no page can change it; the others catch those that hide it.
    let private isBrowser (headers: IHeaderDictionary) =
        (string headers.UserAgent).StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase)
        || (string headers.Accept).Contains("text/html", StringComparison.OrdinalIgnoreCase)
        || has "Referer" headers
        || has "Sec-Fetch-Dest" headers
        || has "Sec-CH-UA" headers
        // Node's fetch sends an asterisk.
        || (has "Accept-Language" headers && string headers.AcceptLanguage <> "*")

    let private isOwnOrigin (host: HostString) (origin: string) =
        match Uri.TryCreate(origin, UriKind.Absolute) with
        | true, NonNull uri -> uri.Authority.Equals(host.ToUriComponent(), StringComparison.OrdinalIgnoreCase)
        | _ -> false

    let read (host: HostString) (headers: IHeaderDictionary) : RequestSource =
        match string headers["Sec-Fetch-Site"], string headers.Origin with
        | "cross-site", _ -> CrossSite
        | "same-site", _ -> SameSite
        | "same-origin", _ -> OwnPage
        | "none", "" -> Typed
        | _, "" ->
            if isBrowser headers || has "Sec-Fetch-Site" headers then
                UnknownPage
            else
                Program
        | _, origin -> if isOwnOrigin host origin then OwnPage else OtherOrigin

    /// Whether a browser fetched it in advance, without the user.
    let isPrefetch (headers: IHeaderDictionary) =
        (string headers["Sec-Purpose"]).Contains "prefetch"
        || (string headers["Purpose"]).Contains "prefetch"
        || (string headers["X-Moz"]).Contains "prefetch"

/// Whether an address or a name is this machine's own.
[<RequireQualifiedAccess>]
module Loopback =
    let isAddress (address: IPAddress) =
        IPAddress.IsLoopback(
            if address.IsIPv4MappedToIPv6 then
                address.MapToIPv4()
            else
                address
        )

    /// A name that a stranger's DNS points here (DNS rebinding) is neither of these.
    let isHost (host: HostString) =
        host.HasValue
        && (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (match IPAddress.TryParse(host.Host.Trim('[', ']')) with
                | true, NonNull address -> isAddress address
                | _ -> false))
