namespace Protocol.Core

open System
open System.Buffers
open System.Buffers.Text
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

    /// The most classes that a result has; their indices are below it.
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
            Top = ValueNone
            Trace = ValueNone
        }

    /// Everything that makes an exchange faster, safer or richer, and asks for nothing.
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

    /// What guards the image and the result; the size itself keeps the protocol's own checksum.
    let seal parameters =
        if parameters.Crc32c then
            ChecksumAlgorithm.Crc32c
        else
            ChecksumAlgorithm.Sum

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

    /// The parameters without a value; what is said of them is a bit each.
    let private flags =
        [| "raw"; "crc32c"; "eager"; "keep"; "sized"; "json"; "explain" |]

    let private ofFlags said top trace =
        let has index = said &&& (1 <<< index) <> 0

        {
            Raw = has 0
            Crc32c = has 1
            Eager = has 2
            Keep = has 3
            Sized = has 4
            Json = has 5
            Explain = has 6
            Top = top
            Trace = trace
        }

    let private isNamed (name: string) (text: ReadOnlySpan<byte>) = Ascii.Equals(text, name.AsSpan())

    /// The bit of the flag with this name; 0 where there is none.
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

    /// What is wrong with a parameter: its value where there is one of this name.
    let private flaw (name: ReadOnlySpan<byte>) =
        match Encoding.Latin1.GetString name with
        | "top"
        | "trace" as known -> ParameterValue known
        | known when Array.contains known flags -> ParameterValue known
        | other -> UnknownParameter other

    /// Reads the bytes behind the first semicolon.
    let tryRead (text: ReadOnlySpan<byte>) : Result<Parameters, Malformed> =
        let mutable said = 0
        let mutable asked = ValueNone
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
            let parent = if isNamed "trace" name then trace value else ValueNone

            said <- said ||| bit
            asked <- count |> ValueOption.orElse asked
            traced <- parent |> ValueOption.orElse traced

            if bit = 0 && count.IsNone && parent.IsNone then
                wrong <- ValueSome(flaw name)

        match wrong with
        | ValueSome reason -> Error reason
        | ValueNone -> Ok(ofFlags said asked traced)
