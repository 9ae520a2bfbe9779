namespace Protocol.Core

open System
open System.Globalization
open System.Text

/// The reason why a worker refused a picture. Either text is empty if the exchange does not carry it.
type Refusal =
    {
        /// A code for programs, such as `TooLarge`: at most 64 characters.
        Reason: string
        /// One line of English for people, a sentence or more with full stops: at most 256 characters.
        Detail: string
    }

[<RequireQualifiedAccess>]
module Refusal =

    [<Literal>]
    let private MaxReason = 64

    [<Literal>]
    let private MaxDetail = 256

    /// The refusal for a bare `N`.
    let unexplained = { Reason = ""; Detail = "" }

    // Rejects characters that end a line, move a terminal's cursor, reorder the text around them or are half of a pair.
    let private isPrintable (rune: Rune) =
        match Rune.GetUnicodeCategory rune with
        | UnicodeCategory.Control
        | UnicodeCategory.Format
        | UnicodeCategory.LineSeparator
        | UnicodeCategory.ParagraphSeparator -> false
        | _ -> true

    let private isLine limit (text: string) =
        text.Length <= limit && Seq.forall isPrintable (text.EnumerateRunes())

    let private line limit (text: string) =
        let clean = StringBuilder()

        for rune in text.EnumerateRunes() do
            let printed = if isPrintable rune then string rune else " "

            if clean.Length + printed.Length <= limit then
                clean.Append printed |> ignore

        clean.ToString().Trim()

    /// Creates a refusal. Unprintable characters become spaces, and long texts are cut.
    let create (reason: string) (detail: string) =
        {
            Reason = line MaxReason reason
            Detail = line MaxDetail detail
        }

    /// Returns whether a peer's texts are single lines of printable characters within their lengths.
    let isValid (refusal: Refusal) =
        isLine MaxReason refusal.Reason && isLine MaxDetail refusal.Detail
