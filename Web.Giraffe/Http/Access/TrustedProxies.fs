namespace Web.Giraffe

open System
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.HttpOverrides

/// The proxies of `Http:TrustedProxies`.
[<RequireQualifiedAccess>]
module TrustedProxies =
    /// Gives each request that comes through them its client's address and scheme. The middleware goes through the
    /// addresses from the last, and stops at the first one that is no trusted proxy's; what anybody else sends is ignored.
    let useForwardedHeaders (proxies: System.Net.IPNetwork list) (app: IApplicationBuilder) : unit =
        if not proxies.IsEmpty then
            let options =
                ForwardedHeadersOptions(
                    ForwardedHeaders = (ForwardedHeaders.XForwardedFor ||| ForwardedHeaders.XForwardedProto),
                    ForwardLimit = Nullable()
                )

            options.KnownProxies.Clear()
            options.KnownIPNetworks.Clear()
            proxies |> List.iter options.KnownIPNetworks.Add
            app.UseForwardedHeaders options |> ignore
