/// Bytes as text, in pieces, and as Protocol.Core writes them.
module Tests.Expecto.Protocol.Bytes

open System
open System.Buffers
open System.Text
open Protocol.Core
open Scenarios

/// One character a byte (Latin-1), so that any byte can be written in a literal.
let ofText (text: string) = Encoding.Latin1.GetBytes text

let toText (bytes: byte[]) = Encoding.Latin1.GetString bytes

let written message =
    let writer = ArrayBufferWriter<byte>()
    Message.write writer message
    writer.WrittenSpan.ToArray()

/// The message's bytes as text.
let textOf message = toText (written message)

/// The bytes as a sequence that is cut at every position of `cuts` (any numbers; those out of range are ignored).
let inPieces (cuts: int seq) (bytes: byte[]) =
    let positions =
        cuts
        |> Seq.filter (fun cut -> cut > 0 && cut < bytes.Length)
        |> Seq.distinct
        |> Seq.sort

    Pieces.Cut(ReadOnlyMemory bytes, positions)

let whole bytes = inPieces [] bytes

/// Every byte in a piece of its own.
let singly (bytes: byte[]) = inPieces [ 1 .. bytes.Length ] bytes
