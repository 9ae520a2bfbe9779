/// Converts between the messages of gRPC and the requests and answers that REST has, too.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.GrpcMessages

open System
open System.Buffers
open Google.Protobuf
open OpenInference.Grpc
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Inference

let private textOption (text: string) = if text = "" then None else Some text

/// Returns the version of a request; none if it is left out.
let version (text: string) = textOption text

let private sequence (bytes: ByteString) = ReadOnlySequence<byte> bytes.Memory

/// Returns the elements of the field for this datatype.
let private typed (contents: InferTensorContents | null) (datatype: string) : Result<InputData, string> =
    match contents, datatype with
    | Null, _ -> Error "The input has neither 'contents' nor 'raw_input_contents'."
    | NonNull contents, "BYTES" -> Ok(Elements(contents.BytesContents |> Seq.map sequence |> List.ofSeq))
    | NonNull contents, "FP32" ->
        Ok(Binary(ReadOnlySequence<byte>(TensorValues.toBytes(Seq.toArray contents.Fp32Contents).ToArray())))
    | NonNull contents, "UINT8" ->
        if contents.UintContents |> Seq.exists (fun value -> value > 255u) then
            Error "'uint_contents' of UINT8 holds whole numbers from 0 to 255."
        else
            Ok(Binary(ReadOnlySequence<byte>(contents.UintContents |> Seq.map byte |> Array.ofSeq)))
    | NonNull _, datatype -> Error $"A tensor of {datatype} comes in 'raw_input_contents'."

let private dataOf
    (request: ModelInferRequest)
    (index: int)
    (input: ModelInferRequest.Types.InferInputTensor)
    datatype
    _
    =
    let raw = request.RawInputContents

    if raw.Count = 0 then
        typed input.Contents datatype
    elif raw.Count <> request.Inputs.Count then
        Error
            $"'raw_input_contents' has {raw.Count} elements for {request.Inputs.Count} inputs: there must be one for each."
    elif not (isNull input.Contents) then
        Error "An input has 'contents' or 'raw_input_contents', not both."
    else
        Ok(Binary(sequence raw[index]))

let private inputOf request index (input: ModelInferRequest.Types.InferInputTensor) : GivenInput =
    {
        Name = input.Name
        Datatype = input.Datatype
        Shape = List.ofSeq input.Shape
        Data = fun datatype count -> dataOf request index input datatype count |> Result.mapError Problem.wrong
    }

let private classificationOf (output: ModelInferRequest.Types.InferRequestedOutputTensor) =
    match output.Parameters.TryGetValue "classification" with
    | true, NonNull value ->
        match value.ParameterChoiceCase with
        | InferParameter.ParameterChoiceOneofCase.Int64Param -> Ok(Some value.Int64Param)
        | InferParameter.ParameterChoiceOneofCase.Uint64Param -> Ok(Some(int64 (min value.Uint64Param 1_000_000_000UL)))
        | _ -> Error $"'classification' of the output '{output.Name}' must be a whole number (int64_param)."
    | _ -> Ok None

let private outputOf (output: ModelInferRequest.Types.InferRequestedOutputTensor) =
    classificationOf output
    |> Result.map (fun classification ->
        ({
            Name = output.Name
            Classification = classification
            Binary = false
        }
        : GivenOutput))

/// Converts a request. An error is one sentence.
let given (request: ModelInferRequest) : Result<GivenInference, string> =
    request.Outputs
    |> Result.traverse outputOf
    |> Result.map (fun outputs ->
        {
            Id = textOption request.Id
            Inputs = request.Inputs |> Seq.mapi (inputOf request) |> List.ofSeq
            Outputs = List.ofArray outputs
            BinaryOutputs = false
        })

let private contents (values: Tensor) =
    let contents = InferTensorContents()

    match values with
    | Numbers numbers -> contents.Fp32Contents.AddRange numbers
    | Texts texts -> contents.BytesContents.AddRange(texts |> Seq.map ByteString.CopyFromUtf8)
    | Pictures _
    | Unread _ -> ()

    contents

/// Converts an answer. Its contents are raw if the request's were.
let response (isRaw: bool) (result: InferenceResult) : ModelInferResponse =
    let response =
        ModelInferResponse(
            ModelName = result.Model,
            ModelVersion = result.Version,
            Id = Option.defaultValue "" result.Id
        )

    result.Answers
    |> Option.iter (fun answers -> response.Parameters["answers"] <- InferParameter(StringParam = answers))

    for output in result.Outputs do
        let tensor =
            ModelInferResponse.Types.InferOutputTensor(Name = output.Name, Datatype = output.Datatype)

        tensor.Shape.AddRange(output.Shape |> Seq.map int64)

        if isRaw then
            response.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(Tensor.toBinary output.Values))
        else
            tensor.Contents <- contents output.Values

        response.Outputs.Add tensor

    response

let serverMetadata () : ServerMetadataResponse =
    let server = Model.server
    let response = ServerMetadataResponse(Name = server.Name, Version = server.Version)
    response.Extensions.AddRange server.Extensions
    response

let private tensorMetadata (tensor: TensorMetadata) =
    let metadata =
        ModelMetadataResponse.Types.TensorMetadata(Name = tensor.Name, Datatype = tensor.Datatype)

    metadata.Shape.AddRange(tensor.Shape |> Seq.map int64)
    metadata

let modelMetadata (model: ModelMetadata) : ModelMetadataResponse =
    let response = ModelMetadataResponse(Name = model.Name, Platform = model.Platform)
    response.Versions.AddRange model.Versions
    response.Inputs.AddRange(model.Inputs |> Seq.map tensorMetadata)
    response.Outputs.AddRange(model.Outputs |> Seq.map tensorMetadata)
    response

let repositoryIndex (entries: RepositoryEntry[]) : RepositoryIndexResponse =
    let response = RepositoryIndexResponse()

    for entry in entries do
        response.Models.Add(
            RepositoryIndexResponse.Types.ModelIndex(
                Name = entry.Name,
                Version = entry.Version,
                State = entry.State,
                Reason = entry.Reason
            )
        )

    response
