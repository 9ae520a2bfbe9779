namespace Protocol.Core

open System
open System.Globalization
open System.Text
open System.Text.RegularExpressions

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
        /// The image's payload is the network's input tensor, in place of a picture; implies `Values`, as the network
        /// leaves them. Requires `Json`.
        Tensor: bool
        /// The result contains the values of all classes. Requires `Json`.
        Values: bool
        /// The number of classes, 1 … 1000; five by default.
        Top: int voption
        /// The model that classifies the image, or the one to describe with its labels; the worker's default by default.
        Model: ModelName voption
        /// The least probability of the result's answer, 0 … 1: a node of the model's class tree, if it has one.
        /// Requires `Json`.
        Confidence: float voption
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
            Tensor = false
            Values = false
            Top = ValueNone
            Model = ValueNone
            Confidence = ValueNone
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
    let checksum parameters =
        if parameters.Crc32c then
            ChecksumAlgorithm.Crc32c
        else
            ChecksumAlgorithm.Sum

    /// Returns the maximum number of classes in a result.
    let classes parameters =
        parameters.Top |> ValueOption.defaultValue 5

    /// The parameters without a value: the name, whether it is present, and the change that adds it.
    let private flags: (string * (Parameters -> bool) * (Parameters -> Parameters)) list =
        [
            "raw", _.Raw, (fun given -> { given with Raw = true })
            "crc32c", _.Crc32c, (fun given -> { given with Crc32c = true })
            "eager", _.Eager, (fun given -> { given with Eager = true })
            "keep", _.Keep, (fun given -> { given with Keep = true })
            "sized", _.Sized, (fun given -> { given with Sized = true })
            "json", _.Json, (fun given -> { given with Json = true })
            "explain", _.Explain, (fun given -> { given with Explain = true })
            "models", _.Models, (fun given -> { given with Models = true })
            "tensor", _.Tensor, (fun given -> { given with Tensor = true })
            "values", _.Values, (fun given -> { given with Values = true })
        ]

    /// Formats the text after the length, each parameter with its semicolon.
    let write parameters =
        let text = StringBuilder()

        let add (parameter: string) =
            text.Append(';').Append(parameter) |> ignore

        for name, isPresent, _ in flags do
            if isPresent parameters then
                add name

        parameters.Top |> ValueOption.iter (fun top -> add $"top={top}")
        parameters.Model |> ValueOption.iter (fun model -> add $"model={model}")

        parameters.Confidence
        |> ValueOption.iter (fun least ->
            let value = least.ToString("0.####", CultureInfo.InvariantCulture)
            add $"confidence={value}")

        parameters.Trace |> ValueOption.iter (fun trace -> add $"trace={trace}")
        text.ToString()

    let private (|Count|_|) (value: string) =
        match UInt32.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, count when value.Length <= 4 && count >= 1u && count <= uint32 MaxClasses -> Some(int count)
        | _ -> None

    let private decimals = Regex @"\A[01](\.[0-9]{1,4})?\z"

    let private (|Model|_|) value =
        ModelName.tryParse value |> ValueOption.toOption

    /// confidence = ( "0" / "1" ) [ "." 1*4DIGIT ], at most 1
    let private (|Probability|_|) (value: string) =
        match Double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
        | true, least when decimals.IsMatch value && least <= 1.0 -> Some least
        | _ -> None

    /// traceparent = 2HEXDIG "-" 32HEXDIG "-" 16HEXDIG "-" 2HEXDIG, in lower case.
    let private traceparent =
        Regex @"\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\z"

    let private known =
        set [ for name, _, _ in flags -> name ]
        + set [ "top"; "model"; "confidence"; "trace" ]

    let private (|Flag|_|) text =
        flags
        |> List.tryPick (fun (name, _, added) -> if name = text then Some added else None)

    /// Adds the parameter that the text between two semicolons gives; the last one of a name counts.
    let private add parameters (text: string) =
        parameters
        |> Result.bind (fun parameters ->
            match text.Split('=', 2) with
            | [| Flag added |] -> Ok(added parameters)
            | [| "top"; Count top |] -> Ok { parameters with Top = ValueSome top }
            | [| "model"; Model model |] ->
                Ok
                    { parameters with
                        Model = ValueSome model
                    }
            | [| "confidence"; Probability least |] ->
                Ok
                    { parameters with
                        Confidence = ValueSome least
                    }
            | [| "trace"; trace |] when traceparent.IsMatch trace ->
                Ok
                    { parameters with
                        Trace = ValueSome trace
                    }
            | parts when known.Contains parts[0] -> Error(ParameterValue parts[0])
            | parts -> Error(UnknownParameter parts[0]))

    /// Reads the bytes after the first semicolon.
    let tryRead (text: ReadOnlySpan<byte>) : Result<Parameters, Malformed> =
        (Encoding.Latin1.GetString text).Split ';' |> Array.fold add (Ok none)
