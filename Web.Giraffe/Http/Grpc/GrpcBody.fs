namespace Web.Giraffe.Handlers

open System.Threading
open Web.Giraffe

/// The body that the current call's messages come from. gRPC decompresses and parses messages within the call, but does
/// not pass the call on.
[<RequireQualifiedAccess>]
module GrpcBody =
    let private current = AsyncLocal<(RequestBody * int) voption>()

    /// Sets the body that this call's messages are charged to, and the most bytes of a message when decompressed.
    let start (body: RequestBody) (mostOfMessage: int) =
        current.Value <- ValueSome(body, mostOfMessage)

    /// Charges the call's body for bytes made of those that it has received.
    let charge (bytes: int64) =
        current.Value |> ValueOption.iter (fun (body, _) -> body.ChargeMore bytes)

    /// Returns the most bytes of a message; 0 outside a call.
    let mostOfMessage () =
        current.Value |> ValueOption.map snd |> ValueOption.defaultValue 0
