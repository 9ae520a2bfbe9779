namespace Tests.Expecto.Web

open System.Collections.Generic
open Microsoft.Extensions.Configuration
open Web.Giraffe

/// The web node's settings, from pairs of path and value.
[<RequireQualifiedAccess>]
module GivenSettings =
    let configuration (pairs: (string * string) list) =
        ConfigurationBuilder()
            .AddInMemoryCollection([ for key, value in pairs -> KeyValuePair<string, string | null>(key, value) ])
            .Build()

    let read pairs = NodeSettings.read (configuration pairs)

    let workers pairs = read pairs |> Result.map _.Workers
