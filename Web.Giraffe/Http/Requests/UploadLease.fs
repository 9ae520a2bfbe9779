namespace Web.Giraffe

open System
open Node.Hosting

/// The bytes of one picture, and their share of the node's budget until they are no longer needed.
[<Sealed>]
type UploadLease(claim: ByteClaim) =
    let blocks = ByteBlocks claim
    let mutable isDone = false

    member _.Blocks = blocks

    /// Marks the bytes as unused, so that another request may reuse their memory. Must not be called
    /// while an abandoned exchange may still send them.
    member _.Done() = isDone <- true

    interface IDisposable with
        member _.Dispose() = blocks.Release isDone
