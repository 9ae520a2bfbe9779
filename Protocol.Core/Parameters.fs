namespace Protocol.Core

open System
open System.Text

/// What a size message may ask for beside its length: parameters = 1*( ";" name [ "=" value ] ).
/// None of them is the plain exchange, which every peer speaks.
type Parameters =
    {
        /// The image's payload is the picture's own bytes.
        Raw: bool
        /// From the image on every checksum is a CRC-32C.
        Crc32c: bool
        /// The image follows its size at once; one `A` answers both, `N` asks for both again.
        Eager: bool
        /// After the result's `A` the connection serves another exchange.
        Keep: bool
        /// The result says its length.
        Sized: bool
        /// The result is a JSON object (`Recognition`).
        Json: bool
        /// The class activation maps of the classes in the result. With `Json` only.
        Explain: bool
        /// How many classes, 1 … 1000; five where it is not said.
        Top: int voption
        /// A W3C `traceparent`.
        Trace: string voption
    }

[<RequireQualifiedAccess>]
module Parameters =

    /// The longest text of parameters; far more than all of them need, and within an old worker's one read.
    [<Literal>]
    let MaxText = 256

    /// The plain exchange.
    let none =
        {
            Raw = false
            Crc32c = false
            Eager = false
            Keep = false
            Sized = false
            Json = false
            Explain = false
            Top = ValueNone
            Trace = ValueNone
        }

    /// Everything that makes an exchange faster, safer or richer, and asks for nothing.
    let all =
        { none with
            Raw = true
            Crc32c = true
            Eager = true
            Keep = true
            Sized = true
            Json = true
        }

    let isNone parameters = (parameters = none)

    /// What guards the image and the result; the size itself keeps the protocol's own checksum.
    let seal parameters =
        if parameters.Crc32c then Seal.Crc32c else Seal.Sum

    /// How many classes a result holds.
    let classes parameters =
        parameters.Top |> ValueOption.defaultValue 5

    /// The text behind the length, each parameter with its semicolon.
    let write parameters =
        let text = StringBuilder()

        let add (name: string) said =
            if said then
                text.Append(';').Append(name) |> ignore

        add "raw" parameters.Raw
        add "crc32c" parameters.Crc32c
        add "eager" parameters.Eager
        add "keep" parameters.Keep
        add "sized" parameters.Sized
        add "json" parameters.Json
        add "explain" parameters.Explain
        parameters.Top |> ValueOption.iter (fun top -> add $"top={top}" true)
        parameters.Trace |> ValueOption.iter (fun trace -> add $"trace={trace}" true)
        text.ToString()

    /// traceparent = 2HEXDIG "-" 32HEXDIG "-" 16HEXDIG "-" 2HEXDIG, in lower case.
    let private isTraceparent (text: string) =
        text.Length = 55
        && text
           |> Seq.indexed
           |> Seq.forall (fun (index, letter) ->
               match index with
               | 2
               | 35
               | 52 -> letter = '-'
               | _ -> Char.IsAsciiHexDigitLower letter)

    let private flag name (value: string voption) change =
        match value with
        | ValueNone -> Ok change
        | ValueSome _ -> Error(ParameterValue name)

    let private top (value: string voption) parameters =
        match value with
        | ValueSome text when text.Length <= 4 && text |> Seq.forall Char.IsAsciiDigit ->
            match Int32.TryParse text with
            | true, count when count >= 1 && count <= 1000 ->
                Ok
                    { parameters with
                        Top = ValueSome count
                    }
            | _ -> Error(ParameterValue "top")
        | _ -> Error(ParameterValue "top")

    let private trace (value: string voption) parameters =
        match value with
        | ValueSome text when isTraceparent text ->
            Ok
                { parameters with
                    Trace = ValueSome text
                }
        | _ -> Error(ParameterValue "trace")

    let private one parameters (text: string) =
        let name, value =
            match text.IndexOf '=' with
            | -1 -> text, ValueNone
            | at -> text.Substring(0, at), ValueSome(text.Substring(at + 1))

        match name with
        | "raw" -> flag name value { parameters with Raw = true }
        | "crc32c" -> flag name value { parameters with Crc32c = true }
        | "eager" -> flag name value { parameters with Eager = true }
        | "keep" -> flag name value { parameters with Keep = true }
        | "sized" -> flag name value { parameters with Sized = true }
        | "json" -> flag name value { parameters with Json = true }
        | "explain" -> flag name value { parameters with Explain = true }
        | "top" -> top value parameters
        | "trace" -> trace value parameters
        | other -> Error(UnknownParameter other)

    /// Reads the text behind the first semicolon.
    let tryRead (text: string) : Result<Parameters, Malformed> =
        (Ok none, text.Split ';')
        ||> Array.fold (fun read text -> Result.bind (fun parameters -> one parameters text) read)
