/// The types of requests for a classification and of its answers. The OpenAPI document is made from them.
namespace Web.Giraffe.Handlers

open System.Collections.Generic
open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.Text.Json.Serialization
open Web.Giraffe

/// One class of an answer.
type ClassJson =
    {
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The class's number in the model, from 0; left out where the worker does not say it.">]
        Index: int option
        Label: string
        [<Description "0 to 1.">]
        Probability: float
    }

/// The activation map of a class: where in the picture the network saw it.
type MapJson =
    {
        [<Description "The class's number.">]
        Index: int
        [<Description "Cells in a row.">]
        Width: int
        [<Description "Rows.">]
        Height: int
        [<Description "What a cell of 0 stands for.">]
        Lowest: float
        [<Description "What a cell of 255 stands for.">]
        Highest: float
        [<Description "How strongly to draw the highest cell, 0 to 1: the square root of the class's probability. A class at 1 % is drawn at a tenth, whatever its highest cell stands for.">]
        Strength: float
        [<Description "One byte a cell, row by row from the top left, in base64.">]
        Cells: byte[]
    }

/// `POST /api/classify`: the classes, most probable first.
type AnswerJson =
    {
        Model: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The model's version; left out where the worker does not send it.">]
        Version: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "True for a model that gives each class a probability of its own: several may hold at once.">]
        Independent: bool option
        [<Description "The address of the worker that answered.">]
        Worker: string
        [<Description "From the request's last byte to the answer.">]
        Milliseconds: float
        [<Description "The number of workers tried, unreachable ones included; 0 for a cached answer.">]
        Attempts: int
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "True for an answer that was made for the same picture, model, version and options before; else left out.">]
        Cached: bool option
        [<Description "Most probable first.">]
        Predictions: ClassJson[]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The most specific class, or group of classes in WordNet, whose probability reaches Answer:Confidence. Left out where the model has no class tree.">]
        Answer: HedgedAnswerJson option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The worker's own time in milliseconds, by stage; left out where it does not say it.">]
        Stages: Dictionary<string, float> option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "With explain=true: a map for each of the predictions; left out where the worker has none.">]
        Maps: MapJson[] option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<AllowedValues("top", "explain", "labels")>]
        [<Description "The options that this worker does not support; left out if there are none.">]
        Unmet: string[] option
    }

/// The problem of one file of several, with the members of problem details.
type RefusalJson =
    {
        Title: string
        Detail: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<AllowedValues("too-large", "too-costly", "unsupported", "damaged", "undecodable", "no-such-model")>]
        [<Description "Why the picture is not classified.">]
        Code: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Seconds until it is worth asking again.">]
        RetryAfter: int option
    }

/// The result of one file of several.
type FileJson =
    {
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The file's place in the form, from 0; left out for a problem of the form itself, which ends a stream of results.">]
        Index: int option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The file's name, where it has one.">]
        File: string option
        [<Description "The status that the file would have been answered with alone.">]
        Status: int
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "With status 200.">]
        Answer: AnswerJson option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "With any other status.">]
        Problem: RefusalJson option
    }

/// `POST /api/classify/batch`.
type ResultsJson =
    {
        [<Description "In the order of the files.">]
        Results: FileJson[]
    }

/// The JSON of `POST /api/classify` and `POST /models/{model}`.
type PictureJson =
    {
        [<Description "The picture in base64, or as a data URI.">]
        Image: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The number of classes, most probable first, 1 to 1000; 5 by default.">]
        Top: int option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The model, as `id` or `id@version`; the default model if it is left out.">]
        Model: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Whether to return where in the picture each class was recognized.">]
        Explain: bool option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The least probability of a class in the answer.">]
        Threshold: float option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The classes to return, by name or number.">]
        Labels: string[] option
    }

/// Hugging Face's `parameters`.
type HuggingFaceParametersJson =
    {
        [<JsonPropertyName "top_k"; JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The number of classes, most probable first, 1 to 1000; 5 by default.">]
        TopK: int option
    }

/// Hugging Face's request of an image classification.
type HuggingFaceJson =
    {
        [<Description "The picture in base64, or as a data URI.">]
        Inputs: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        Parameters: HuggingFaceParametersJson option
    }

/// A class in Hugging Face's form.
type ScoreJson =
    {
        Label: string
        [<Description "The probability, 0 to 1.">]
        Score: float
    }
