namespace Web.Giraffe

open System
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.HttpOverrides

/// The proxies of `Http:TrustedProxies`.
[<RequireQualifiedAccess>]
module TrustedProxies =
    /// Gives each request from these proxies its client's address and scheme, and the path that the client asked below. The middleware reads the addresses from
    /// the last and stops at the first that is no trusted proxy. Headers from anyone else are ignored.
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
