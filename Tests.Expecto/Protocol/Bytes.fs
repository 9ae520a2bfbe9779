/// What the protocol's tests share: bytes as text, in pieces, and as the core writes them.
module Tests.Expecto.Protocol.Bytes

open System
open System.Buffers
open System.Text
open Protocol.Core

/// One character a byte (Latin-1), so that any byte can be written in a literal.
let ofText (text: string) = Encoding.Latin1.GetBytes text

let toText (bytes: byte[]) = Encoding.Latin1.GetString bytes

let written message =
    let writer = ArrayBufferWriter<byte>()
    Message.write writer message
    writer.WrittenSpan.ToArray()

type private Segment(memory: ReadOnlyMemory<byte>, index: int64) =
    inherit ReadOnlySequenceSegment<byte>()

    do
        base.Memory <- memory
        base.RunningIndex <- index

    member _.Link next = base.Next <- next

/// The bytes as a sequence that is cut at every position of `cuts` (any numbers; those out of range are ignored).
let inPieces (cuts: int seq) (bytes: byte[]) =
    let marks =
        cuts
        |> Seq.filter (fun cut -> cut > 0 && cut < bytes.Length)
        |> Seq.append [ 0; bytes.Length ]
        |> Seq.distinct
        |> Seq.sort
        |> Seq.pairwise

    let segments =
        [|
            for first, last in marks -> Segment(ReadOnlyMemory(bytes, first, last - first), int64 first)
        |]

    if segments.Length = 0 then
        ReadOnlySequence<byte>.Empty
    else
        for left, right in Seq.pairwise segments do
            left.Link right

        let last = Array.last segments
        ReadOnlySequence<byte>(segments[0], 0, last, last.Memory.Length)

let whole bytes = inPieces [] bytes

/// Every byte in a piece of its own.
let singly (bytes: byte[]) = inPieces [ 1 .. bytes.Length ] bytes
