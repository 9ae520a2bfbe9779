namespace Web.Giraffe

open System.Collections.Generic

/// The meter of all instruments of the web node.
[<RequireQualifiedAccess>]
module WebMeter =

    [<Literal>]
    let Name = "Recognition.Web"

    let tag name (value: string) =
        KeyValuePair<string, obj | null>(name, box value)
