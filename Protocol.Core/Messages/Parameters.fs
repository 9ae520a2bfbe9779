namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text
open System.Text

/// The options of a size message: parameters = 1*( ";" name [ "=" value ] ).
/// Without any, it is the plain exchange, which every peer supports.
type Parameters =
    {
        /// The image's payload is the picture's own bytes.
        Raw: bool
        /// All checksums from the image on are CRC-32C.
        Crc32c: bool
        /// The image follows its size immediately; one `A` answers both, `N` requests both again.
        Eager: bool
        /// After the result's `A` the connection serves another exchange.
        Keep: bool
        /// The result contains its length.
        Sized: bool
        /// The result is a JSON object (`Recognition`).
        Json: bool
        /// The result contains the class activation maps of its classes. Requires `Json`.
        Explain: bool
        /// The result describes the models that the worker serves; the image is ignored. Requires `Json`.
        Models: bool
        /// The number of classes, 1 … 1000; five by default.
        Top: int voption
        /// The model that classifies the image, or the one to describe with its labels; the worker's default by default.
        Model: ModelName voption
        /// A W3C `traceparent`.
        Trace: string voption
    }

[<RequireQualifiedAccess>]
module Parameters =

    /// The longest text of parameters. All of them need far less, and it fits into an old worker's single read.
    [<Literal>]
    let MaxText = 256

    /// The maximum number of classes in a result.
    [<Literal>]
    let MaxClasses = 1000

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
            Models = false
            Top = ValueNone
            Model = ValueNone
            Trace = ValueNone
        }

    /// Every parameter that makes an exchange faster, safer or richer and requests no extra results.
    let extended =
        { none with
            Raw = true
            Crc32c = true
            Eager = true
            Keep = true
            Sized = true
            Json = true
        }

    let isNone parameters = (parameters = none)

    /// Returns the checksum algorithm for the image and the result; the size always has the protocol's own checksum.
    let seal parameters =
        if parameters.Crc32c then
            ChecksumAlgorithm.Crc32c
        else
            ChecksumAlgorithm.Sum

    /// Returns the maximum number of classes in a result.
    let classes parameters =
        parameters.Top |> ValueOption.defaultValue 5

    /// Formats the text after the length, each parameter with its semicolon.
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
        add "models" parameters.Models
        parameters.Top |> ValueOption.iter (fun top -> add $"top={top}" true)
        parameters.Model |> ValueOption.iter (fun model -> add $"model={model}" true)
        parameters.Trace |> ValueOption.iter (fun trace -> add $"trace={trace}" true)
        text.ToString()

    /// The parameters without a value, one bit each.
    let private flags =
        [| "raw"; "crc32c"; "eager"; "keep"; "sized"; "json"; "explain"; "models" |]

    let private ofFlags said top model trace =
        let has index = said &&& (1 <<< index) <> 0

        {
            Raw = has 0
            Crc32c = has 1
            Eager = has 2
            Keep = has 3
            Sized = has 4
            Json = has 5
            Explain = has 6
            Models = has 7
            Top = top
            Model = model
            Trace = trace
        }

    let private isNamed (name: string) (text: ReadOnlySpan<byte>) = Ascii.Equals(text, name.AsSpan())

    /// Returns the bit of the flag with this name, or 0 if there is none.
    let private flag (name: ReadOnlySpan<byte>) =
        let mutable index = 0

        while index < flags.Length && not (isNamed flags[index] name) do
            index <- index + 1

        if index < flags.Length then 1 <<< index else 0

    let private top (value: ReadOnlySpan<byte>) =
        let mutable count = 0
        let mutable used = 0

        if
            value.Length <= 4
            && value.IndexOfAnyExceptInRange('0'B, '9'B) < 0
            && Utf8Parser.TryParse(value, &count, &used)
            && count >= 1
            && count <= MaxClasses
        then
            ValueSome count
        else
            ValueNone

    let private hexOrDash = SearchValues.Create "0123456789abcdef-"B

    /// traceparent = 2HEXDIG "-" 32HEXDIG "-" 16HEXDIG "-" 2HEXDIG, in lower case.
    let private trace (value: ReadOnlySpan<byte>) =
        if
            value.Length = 55
            && value.IndexOfAnyExcept hexOrDash < 0
            && value.IndexOf '-'B = 2
            && value.Slice(3).IndexOf '-'B = 32
            && value.Slice(36).IndexOf '-'B = 16
            && value.Slice(53).IndexOf '-'B < 0
        then
            ValueSome(Encoding.ASCII.GetString value)
        else
            ValueNone

    /// Returns the error for an invalid parameter: its value if the name exists, otherwise its name.
    let private flaw (name: ReadOnlySpan<byte>) =
        match Encoding.Latin1.GetString name with
        | "top"
        | "model"
        | "trace" as known -> ParameterValue known
        | known when Array.contains known flags -> ParameterValue known
        | other -> UnknownParameter other

    /// Reads the bytes after the first semicolon.
    let tryRead (text: ReadOnlySpan<byte>) : Result<Parameters, Malformed> =
        let mutable said = 0
        let mutable asked = ValueNone
        let mutable chosen = ValueNone
        let mutable traced = ValueNone
        let mutable wrong = ValueNone
        let mutable rest = text
        let mutable more = true

        while more && wrong.IsNone do
            let length = rest.IndexOf ';'B
            more <- length >= 0
            let one = if more then rest.Slice(0, length) else rest
            rest <- rest.Slice(if more then length + 1 else rest.Length)

            let mark = one.IndexOf '='B
            let name = if mark < 0 then one else one.Slice(0, mark)
            let value = one.Slice(if mark < 0 then one.Length else mark + 1)

            let bit = if mark < 0 then flag name else 0
            let count = if isNamed "top" name then top value else ValueNone

            let model =
                if isNamed "model" name then
                    ModelName.tryRead value
                else
                    ValueNone

            let parent = if isNamed "trace" name then trace value else ValueNone

            said <- said ||| bit
            asked <- count |> ValueOption.orElse asked
            chosen <- model |> ValueOption.orElse chosen
            traced <- parent |> ValueOption.orElse traced

            if bit = 0 && count.IsNone && model.IsNone && parent.IsNone then
                wrong <- ValueSome(flaw name)

        match wrong with
        | ValueSome reason -> Error reason
        | ValueNone -> Ok(ofFlags said asked chosen traced)
