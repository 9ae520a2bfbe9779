namespace Web.Giraffe

open System
open Transport

/// The bytes of one picture, and what they take of the node's budget until they are no longer needed.
[<Sealed>]
type UploadLease(claim: ByteClaim) =
    let blocks = ByteBlocks claim
    let mutable isDone = false

    member _.Blocks = blocks

    /// Records that nobody reads the bytes any more, so that another request may reuse their memory. An exchange that was
    /// given up may still send from them.
    member _.Done() = isDone <- true

    interface IDisposable with
        member _.Dispose() = blocks.Release isDone
