namespace Web.Giraffe.Inference

open System.Text.Json.Serialization

// KServe's V1 protocol: TensorFlow Serving's REST API.

/// `GET /v1/models`.
type ModelListV1 = { Models: string[] }

type VersionStatusV1 =
    {
        Version: string
        /// `AVAILABLE` or `LOADING`.
        State: string
    }

/// `GET /v1/models/{model}`: KServe's members and TensorFlow Serving's.
type ModelStatusV1 =
    {
        Name: string
        Ready: bool
        [<JsonPropertyName "model_version_status">]
        ModelVersionStatus: VersionStatusV1[]
    }

/// Bytes in JSON.
type B64 = { B64: string }

/// A request in rows, for the documentation.
type PredictExample =
    {
        [<JsonPropertyName "signature_name">]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        SignatureName: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        Instances: B64[] option
    }

type PredictionExample =
    {
        Probabilities: float32[]
        Label: string
    }

/// An answer in rows, for the documentation.
type PredictAnswerExample = { Predictions: PredictionExample[] }
