namespace Web.Giraffe

open System
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.HttpOverrides

/// The proxies of `Http:TrustedProxies`.
[<RequireQualifiedAccess>]
module TrustedProxies =
    /// Sets the client's address and scheme, and the path prefix, on each request from these proxies. The middleware
    /// reads the addresses from the last one and stops at the first that is not a trusted proxy. Headers from other
    /// callers are ignored.
    let useForwardedHeaders (proxies: System.Net.IPNetwork list) (app: IApplicationBuilder) : unit =
        if not proxies.IsEmpty then
            let options =
                ForwardedHeadersOptions(
                    ForwardedHeaders =
                        (ForwardedHeaders.XForwardedFor
                         ||| ForwardedHeaders.XForwardedProto
                         ||| ForwardedHeaders.XForwardedPrefix),
                    ForwardLimit = Nullable()
                )

            options.KnownProxies.Clear()
            options.KnownIPNetworks.Clear()
            proxies |> List.iter options.KnownIPNetworks.Add
            app.UseForwardedHeaders options |> ignore
