namespace Web.Giraffe.Inference

open System
open System.Collections.Generic
open System.Globalization
open System.Text
open System.Threading
open System.Threading.Tasks
open Web.Giraffe

/// The position of the next byte in a string.
[<RequireQualifiedAccess; Struct>]
type private StringPlace =
    | InText
    /// After a backslash.
    | InEscape
    /// Within the digits of `\uXXXX`.
    | InCode
    /// After the closing quote.
    | Ended

/// A JSON string that is a picture in base64, decoded as it arrives. `most`: the bytes of a picture.
[<Sealed>]
type PictureString(most: int, lease: UploadLease) =
    let intake = Base64Intake(most, lease)
    let code = List<byte>()
    let mutable place = StringPlace.InText

    // Not a base64 character.
    let invalid = '!'B

    let escaped (byte: byte) =
        match byte with
        | 'n'B
        | 'r'B
        | 't'B -> ' 'B
        | '/'B -> '/'B
        | _ -> invalid

    let character () =
        match Int32.TryParse(Encoding.ASCII.GetString(code.ToArray()), NumberStyles.AllowHexSpecifier, null) with
        | true, value when value < 128 -> byte value
        | _ -> invalid

    let addOne (character: byte) cancel =
        place <- StringPlace.InText
        intake.Add(ReadOnlyMemory [| character |], cancel)

    /// Adds the next bytes, at least one. Returns how many of them belong to the string, its closing quote included.
    member _.Add(bytes: ReadOnlyMemory<byte>, cancel: CancellationToken) : Task<int> =
        task {
            match place with
            | StringPlace.InEscape when bytes.Span[0] = 'u'B ->
                code.Clear()
                place <- StringPlace.InCode
                return 1
            | StringPlace.InEscape ->
                do! addOne (escaped bytes.Span[0]) cancel
                return 1
            | StringPlace.InCode ->
                code.Add(bytes.Span[0])

                if code.Count = 4 then
                    do! addOne (character ()) cancel

                return 1
            | StringPlace.InText
            | StringPlace.Ended ->
                match bytes.Span.IndexOfAny('"'B, '\\'B) with
                | -1 ->
                    do! intake.Add(bytes, cancel)
                    return bytes.Length
                | at ->
                    place <-
                        if bytes.Span[at] = '"'B then
                            StringPlace.Ended
                        else
                            StringPlace.InEscape

                    do! intake.Add(bytes.Slice(0, at), cancel)
                    return at + 1
        }

    /// Whether the closing quote was added.
    member _.HasEnded = (place = StringPlace.Ended)

    /// Returns the picture, once the string has ended.
    member _.Finish(cancel: CancellationToken) : Task<PictureText> = intake.Finish cancel
