/// Reads requests from their JSON and the binary data after it. An error is one sentence.
[<RequireQualifiedAccess>]
module Web.Giraffe.Inference.InferenceJsonRequest

open System
open System.Buffers
open System.Buffers.Binary
open System.Text.Json
open Protocol.Core
open Web.Giraffe

// A member that is missing in the JSON is null, whatever its type.
let private missing (value: 'T) = isNull (box value)

let private listOf (values: 'T[]) =
    if missing values then [] else List.ofArray values

let private textOf (text: string) = if missing text then "" else text

/// Reads pictures in base64 from a JSON array, nested or flat. Reads one more than `count` at most.
let private elements (count: int64) (json: ReadOnlyMemory<byte>) =
    let mutable reader = Utf8JsonReader json.Span
    let pictures = Collections.Generic.List<ReadOnlySequence<byte>>()
    let mutable fault = ValueNone

    while fault.IsNone && int64 pictures.Count <= count && reader.Read() do
        match reader.TokenType with
        | JsonTokenType.StartArray
        | JsonTokenType.EndArray -> ()
        | JsonTokenType.String when reader.CurrentDepth > 0 ->
            let bytes =
                try
                    match reader.TryGetBytesFromBase64() with
                    | true, NonNull bytes -> ValueSome bytes
                    | _ -> Base64Text.decode (string (reader.GetString()))
                with :? InvalidOperationException ->
                    // Not UTF-8, or half of a surrogate pair.
                    ValueNone

            match bytes with
            | ValueSome bytes -> pictures.Add(ReadOnlySequence bytes)
            | ValueNone -> fault <- ValueSome "An element of 'data' is not valid base64. Send pictures in base64."
        | _ -> fault <- ValueSome "'data' is an array of pictures in base64."

    match fault with
    | ValueSome wrong -> Error wrong
    | ValueNone -> Ok(List.ofSeq pictures)

let private tooLarge datatype =
    ValueSome $"'data' of {datatype} has a number that is too large for it."

/// Appends a number in binary form, or returns the error.
let private append (binary: ArrayBufferWriter<byte>) (datatype: string) (number: float) : string voption =
    match datatype with
    | "UINT8" when number < 0.0 || number > 255.0 || not (Double.IsInteger number) ->
        ValueSome $"'data' of UINT8 holds whole numbers from 0 to 255, not {number}."
    | "UINT8" ->
        binary.Write(ReadOnlySpan [| byte number |])
        ValueNone
    | "FP16" ->
        let half: Half = Half.op_Explicit number
        BinaryPrimitives.WriteHalfLittleEndian(binary.GetSpan 2, half)
        binary.Advance 2
        if Half.IsFinite half then ValueNone else tooLarge datatype
    | _ ->
        let single = float32 number
        BinaryPrimitives.WriteSingleLittleEndian(binary.GetSpan 4, single)
        binary.Advance 4

        if Single.IsFinite single then
            ValueNone
        else
            tooLarge datatype

/// Reads numbers from a JSON array, nested or flat, into their binary form. Reads one more than `count` at most.
let private numbers (datatype: string) (count: int64) (json: ReadOnlyMemory<byte>) : Result<InputData, string> =
    let mutable reader = Utf8JsonReader json.Span
    let binary = ArrayBufferWriter<byte>()
    let mutable read = 0L
    let mutable fault = ValueNone

    while fault.IsNone && read <= count && reader.Read() do
        match reader.TokenType with
        | JsonTokenType.StartArray
        | JsonTokenType.EndArray -> ()
        | JsonTokenType.Number when reader.CurrentDepth > 0 ->
            read <- read + 1L
            fault <- append binary datatype (reader.GetDouble())
        | _ -> fault <- ValueSome $"'data' of {datatype} is an array of numbers."

    match fault with
    | ValueSome wrong -> Error wrong
    | ValueNone when read <> count ->
        let held = if read > count then "more" else string read
        Error $"The shape of the input requires {count} numbers, but 'data' has {held}."
    | ValueNone -> Ok(Binary(ReadOnlySequence<byte> binary.WrittenMemory))

/// The body of a request.
type Body =
    {
        Json: ReadOnlyMemory<byte>
        /// The bytes after the JSON.
        Binary: ReadOnlySequence<byte>
        /// Returns the pictures of the elements of the JSON.
        Resolve: ReadOnlySequence<byte> list -> Result<ReadOnlySequence<byte> list, string>
        /// Returns the place in the body of a byte of the JSON; see `JsonIntake`.
        PlaceInBody: int64 -> int64 -> int64
        /// Takes bytes of the node's budget. Returns false if there is no room.
        TryTake: int64 -> bool
    }

/// Reads a tensor's numbers within the node's budget.
let numbersOf (body: Body) datatype count json =
    if body.TryTake(4L * count) then
        numbers datatype count json |> Result.mapError Problem.wrong
    else
        Error(UploadFault.problem OutOfRoom)

let private wrong detail = Error(Problem.wrong detail)

let private dataOf (body: Body) (input: RequestInput) (datatype: string) (count: int64) =
    match input.Data, input.Parameters |> Option.bind _.BinaryDataSize with
    | Some(Unread(start, length)), None when body.Binary.IsEmpty && datatype <> Model.input.Datatype ->
        numbersOf body datatype count (body.Json.Slice(start, length))
    | Some(Unread(start, length)), None when body.Binary.IsEmpty ->
        elements count (body.Json.Slice(start, length))
        |> Result.bind body.Resolve
        |> Result.map Elements
        |> Result.mapError Problem.wrong
    | Some _, None -> wrong "Binary data follows the JSON, but no input has 'binary_data_size'."
    | Some _, Some _ -> wrong "The input has both 'data' and 'binary_data_size'. Send one of them."
    | None, Some size when size = body.Binary.Length -> Ok(Binary body.Binary)
    | None, Some size -> wrong $"'binary_data_size' is {size}, but {body.Binary.Length} bytes follow the JSON."
    | None, None -> wrong "The input has neither 'data' nor 'binary_data_size'."

let private inputOf (body: Body) (input: RequestInput) : GivenInput =
    if missing input then
        {
            Name = ""
            Datatype = ""
            Shape = []
            Data = fun _ _ -> wrong "The input is null."
        }
    else
        {
            Name = textOf input.Name
            Datatype = textOf input.Datatype
            Shape = listOf input.Shape
            Data = dataOf body input
        }

let private outputOf (binary: bool) (output: RequestOutput) : GivenOutput =
    if missing output then
        {
            Name = ""
            Classification = None
            Binary = binary
        }
    else
        {
            Name = textOf output.Name
            Classification = output.Parameters |> Option.bind _.Classification
            Binary = output.Parameters |> Option.bind _.BinaryData |> Option.defaultValue binary
        }

let read (body: Body) : Result<GivenInference, string> =
    RequestJson.parse<InferenceRequest> body.PlaceInBody [ "data" ] body.Json
    |> Result.map (fun (request, json) ->
        let binary =
            request.Parameters
            |> Option.bind _.BinaryDataOutput
            |> Option.defaultValue false

        {
            Id = request.Id
            Inputs = listOf request.Inputs |> List.map (inputOf { body with Json = json })
            Outputs =
                request.Outputs
                |> Option.map listOf
                |> Option.defaultValue []
                |> List.map (outputOf binary)
            BinaryOutputs = binary
        })

/// The raw binary request: the body is one picture, or one row of a raw network's input; every output is binary data.
let raw (model: InferenceModel) (row: ReadOnlySequence<byte>) : GivenInference =
    let input = Model.inputOf model

    GivenInference.ofInput
        true
        {
            Name = input.Name
            Datatype = input.Datatype
            Shape = 1L :: [ for size in Array.skip 1 input.Shape -> int64 size ]
            Data =
                fun _ _ ->
                    Ok(
                        if model.Network.IsSome then
                            Binary row
                        else
                            Elements [ row ]
                    )
        }
