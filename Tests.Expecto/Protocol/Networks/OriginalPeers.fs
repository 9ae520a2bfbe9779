/// The original's worker and client without their sockets: what each does with the text of one read.
module Tests.Expecto.Protocol.OriginalPeers

open System
open System.Text
open Tests.Expecto.Protocol

/// The longest read.
[<Literal>]
let OneRead = 1024

// As Python's `decode()`: bytes that are not UTF-8 throw.
let private strict = UTF8Encoding(false, true)

/// The text of one read; nothing where it is not UTF-8, which kills the thread.
let decoded (bytes: byte[]) =
    try
        Some(strict.GetString bytes)
    with :? DecoderFallbackException ->
        None

let data (payload: string) =
    let sum = Seq.sumBy int (Encoding.UTF8.GetBytes payload) &&& 0xFFF
    $"D {payload} -%04d{sum + 1}"

let private payloadOf (message: string) = message[2 .. message.Length - 7]

let private fits (message: string) =
    message.Length >= 8
    && message.StartsWith "D "
    && data (payloadOf message) = message

type OriginalClient =
    | AwaitsSizeAnswer
    | AwaitsImageAnswer
    | AwaitsResult
    /// It has this payload, and has dropped the connection.
    | Took of string
    | Refused

[<RequireQualifiedAccess>]
module OriginalClient =

    let size (base64: string) = data (string base64.Length)

    /// One read is one message, of which it looks at the first letter; the checksum of a result it does not check.
    let read (base64: string) client (text: string) : OriginalClient * string list =
        match client with
        | AwaitsSizeAnswer when text[0] = 'A' -> AwaitsImageAnswer, [ data base64 ]
        | AwaitsSizeAnswer -> client, [ size base64; size base64 ]
        | AwaitsImageAnswer when text[0] = 'A' -> AwaitsResult, []
        | AwaitsImageAnswer -> client, [ data base64; data base64 ]
        | AwaitsResult when text[0] = 'D' -> Took(payloadOf text), [ "A" ]
        | AwaitsResult when text[0] = 'N' -> Refused, []
        | AwaitsResult -> client, [ "N" ]
        | Took _
        | Refused -> client, []

    let isOver client =
        match client with
        | Took _
        | Refused -> true
        | _ -> false

type OriginalWorker =
    | AwaitsSize
    /// Until the image's `length` characters are there.
    | Collects of length: int * held: string
    /// It has sent its result.
    | AwaitsAnswer
    | Served
    /// The connection stays open, and nothing more comes.
    | Dead
    /// Reads the end of its connection again and again, at a whole core.
    | Spins

[<RequireQualifiedAccess>]
module OriginalWorker =

    /// What it does with the text of one read (nothing: not UTF-8; empty: the end) and, with `result`, for a picture in
    /// base64.
    let read (result: string -> string) worker (text: string option) : OriginalWorker * string list =
        match worker, text with
        | (Served | Dead | Spins), _ -> worker, []
        | _, None -> Dead, []
        | AwaitsSize, Some size when fits size ->
            // It answers before it takes the payload for a number.
            match Int32.TryParse(payloadOf size) with
            | true, length -> Collects(length + 8, ""), [ "A" ]
            | _ -> Dead, [ "A" ]
        | AwaitsSize, Some "" -> Dead, []
        | AwaitsSize, Some _ -> worker, [ "N" ]
        | Collects _, Some "" -> Spins, []
        | Collects(length, held), Some text ->
            let held = held + text

            if held.Length < length then
                Collects(length, held), []
            elif fits held then
                AwaitsAnswer, [ "A"; data (result (payloadOf held)) ]
            else
                Collects(length, ""), [ "N" ]
        | AwaitsAnswer, Some "A" -> Served, []
        | AwaitsAnswer, Some "" -> Dead, []
        | AwaitsAnswer, Some _ -> worker, [ data (result "") ]
