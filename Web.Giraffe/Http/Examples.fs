/// Whom the examples in the API's document speak of.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.Examples

open Web.Giraffe

/// At an address that nobody has: RFC 5737 keeps it for documentation.
let worker = WorkerAddress.plain "192.0.2.11" 8888
