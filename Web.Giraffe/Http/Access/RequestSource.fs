namespace Web.Giraffe

open System
open System.Net
open Microsoft.AspNetCore.Http

/// The source of a request, as far as its headers show it. A web page can't forge these headers; a program can, so they
/// protect browser users and are no credential.
type RequestSource =
    /// A page of another site (`Sec-Fetch-Site`).
    | CrossSite
    /// A page of another origin on this site, such as another port (`Sec-Fetch-Site`).
    | SameSite
    /// A page of another origin, by the header `Origin`. Browsers send no `Sec-Fetch-Site` over plain HTTP to a name
    /// that is not local.
    | OtherOrigin
    /// A page of this node.
    | OwnPage
    /// The address bar or a bookmark (`Sec-Fetch-Site: none`).
    | Typed
    /// A browser that sends neither header. Any page may have sent the request.
    | UnknownPage
    /// Not a browser.
    | Program

[<RequireQualifiedAccess>]
module RequestSource =
    let private has (name: string) (headers: IHeaderDictionary) = string headers[name] <> ""

    /// Detects browsers by their `User-Agent`, which pages can't change, or by other headers if they hide it.
    let private isBrowser (headers: IHeaderDictionary) =
        (string headers.UserAgent).StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase)
        || (string headers.Accept).Contains("text/html", StringComparison.OrdinalIgnoreCase)
        || has "Referer" headers
        || has "Sec-Fetch-Dest" headers
        || has "Sec-CH-UA" headers
        // Node.js's fetch sends an asterisk.
        || (has "Accept-Language" headers && string headers.AcceptLanguage <> "*")

    let private isOwnOrigin (host: HostString) (origin: string) =
        match Uri.TryCreate(origin, UriKind.Absolute) with
        | true, NonNull uri ->
            let host = HostString(host.ToUriComponent())

            // The scheme's own port may be left out on either side.
            uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
            && host.Port.GetValueOrDefault(if uri.Scheme = Uri.UriSchemeHttps then 443 else 80) = uri.Port
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

    /// Returns whether a browser prefetched the request without the user.
    let isPrefetch (headers: IHeaderDictionary) =
        (string headers["Sec-Purpose"]).Contains "prefetch"
        || (string headers["Purpose"]).Contains "prefetch"
        || (string headers["X-Moz"]).Contains "prefetch"

/// Recognizes this machine's own addresses and host names.
[<RequireQualifiedAccess>]
module Loopback =
    let isAddress (address: IPAddress) =
        IPAddress.IsLoopback(
            if address.IsIPv4MappedToIPv6 then
                address.MapToIPv4()
            else
                address
        )

    /// Returns whether the host is local. A foreign name that DNS points here (DNS rebinding) is not.
    let isHost (host: HostString) =
        host.HasValue
        && (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (match IPAddress.TryParse(host.Host.Trim('[', ']')) with
                | true, NonNull address -> isAddress address
                | _ -> false))
