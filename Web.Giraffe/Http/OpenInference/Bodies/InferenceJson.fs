namespace Web.Giraffe.Inference

open System.ComponentModel
open System.Text.Json.Serialization

// The objects of the Open Inference Protocol V2 over HTTP (kserve/open-inference-protocol, inference_rest.md), with the
// parameters of two of Triton's extensions: binary tensor data and classification. Other parameters are ignored.

/// `$metadata_tensor`.
type TensorMetadata =
    {
        Name: string
        Datatype: string
        [<Description "-1 for a size that varies.">]
        Shape: int[]
    }

/// `$metadata_model_response`.
type ModelMetadata =
    {
        Name: string
        Versions: string[]
        Platform: string
        Inputs: TensorMetadata[]
        Outputs: TensorMetadata[]
    }

/// `$metadata_server_response`.
type ServerMetadata =
    {
        Name: string
        Version: string
        Extensions: string[]
    }

/// `$live_server_response`.
type ServerLive = { Live: bool }

/// `$ready_server_response` has only `live`, which is true in every response; `ready` is KServe's own.
type ServerReady = { Live: bool; Ready: bool }

/// `$ready_model_response`.
type ModelReady = { Name: string; Ready: bool }

/// The body of `POST /v2/repository/index`, which may be left out.
type RepositoryRequest =
    {
        [<Description "Whether to list only models in service.">]
        Ready: bool option
    }

/// An entry of `POST /v2/repository/index`.
type RepositoryEntry =
    {
        Name: string
        Version: string
        [<Description "READY, LOADING or UNAVAILABLE.">]
        State: string
        [<Description "Why the model, or its next version, can't be loaded; empty if nothing is wrong.">]
        Reason: string
    }

/// The body of every error.
type InferenceError = { Error: string }

type RequestParameters =
    {
        [<JsonPropertyName "binary_data_output">]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Whether outputs that do not say it themselves come as binary data.">]
        BinaryDataOutput: bool option
    }

type InputParameters =
    {
        [<JsonPropertyName "binary_data_size">]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The length in bytes of the tensor's binary data after the JSON.">]
        BinaryDataSize: int64 option
    }

type OutputParameters =
    {
        [<JsonPropertyName "binary_data">]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Whether the output is binary data after the JSON.">]
        BinaryData: bool option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The output as this many classes instead, each value:index:label, most probable first.">]
        Classification: int64 option
    }

/// `$inference_request_input`.
type RequestInput =
    {
        Name: string
        [<Description "[n] or [n, 1] for n pictures.">]
        Shape: int64[]
        [<Description "BYTES.">]
        Datatype: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        Parameters: InputParameters option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The pictures in base64, unless they come as binary data.">]
        Data: Tensor option
    }

/// `$inference_request_output`.
type RequestOutput =
    {
        Name: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        Parameters: OutputParameters option
    }

/// `$inference_request`.
type InferenceRequest =
    {
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Comes back in the answer.">]
        Id: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        Parameters: RequestParameters option
        Inputs: RequestInput[]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Which outputs to return; all where it is left out.">]
        Outputs: RequestOutput[] option
    }

type ResponseParameters =
    {
        [<JsonPropertyName "binary_data_size">]
        [<Description "The length in bytes of the tensor's binary data after the JSON.">]
        BinaryDataSize: int
    }

/// `$response_output`.
type ResponseOutput =
    {
        Name: string
        Shape: int[]
        [<Description "FP32 or BYTES.">]
        Datatype: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        Parameters: ResponseParameters option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Numbers or texts, unless they come as binary data.">]
        Data: Tensor option
    }

/// The parameters of a whole response. A parameter is a text, a number or a Boolean.
type AnswerParameters =
    {
        [<Description "JSON text: an array with one object a picture, `id`, `label`, `probability` and `path`, as `answer` in POST /api/classify.">]
        Answers: string
    }

/// `$inference_response`.
type InferenceResponse =
    {
        [<JsonPropertyName "model_name">]
        ModelName: string
        [<JsonPropertyName "model_version">]
        ModelVersion: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The request's own.">]
        Id: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Left out where the model has no class tree.">]
        Parameters: AnswerParameters option
        Outputs: ResponseOutput[]
    }
