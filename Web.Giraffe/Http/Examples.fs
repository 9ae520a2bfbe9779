/// The example values in the API's document.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.Examples

open Web.Giraffe

/// An unused address: RFC 5737 reserves it for documentation.
let worker = WorkerAddress.withoutTls "192.0.2.11" 8888
