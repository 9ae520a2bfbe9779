/// The types of the models' responses. The OpenAPI document is made from them.
namespace Web.Giraffe.Handlers

open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.Text.Json.Serialization

/// A model of `GET /api/models`.
type ModelJson =
    {
        [<Description "The name for the parameter `model`.">]
        Id: string
        Title: string
        [<Description "The versions in service: `model=id@version` asks for one of them.">]
        Versions: string[]
        [<Description "Whether requests that name no model get this one.">]
        Default: bool
        [<AllowedValues("ready", "loading", "failed")>]
        State: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Why it, or its next version, can't be loaded; left out where nothing is wrong.">]
        Error: string option
        [<Description "The number of classes.">]
        Classes: int
        [<Description "The width of the network's input in pixels.">]
        Width: int
        [<Description "The height of the network's input in pixels.">]
        Height: int
        [<Description "The channels of the network's input: 1 or 3.">]
        Channels: int
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "How a picture gets the input's size: shorter-side (then the centre is cropped), stretch, or fit with padding; left out where the worker does not say it.">]
        Resize: string option
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "With shorter-side: the shorter side in pixels before the crop.">]
        Side: int option
        [<Description "Whether several classes may hold at once.">]
        Independent: bool
        [<Description "Whether explain=true gives maps.">]
        Maps: bool
        [<Description "Whether answers have the member `answer`: the model's classes are in a tree.">]
        Tree: bool
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "What the model can name, and what it can't; left out where its manifest does not say it.">]
        Covers: string option
        [<Description "The number of workers that serve it.">]
        Workers: int
    }

type ModelsJson = { Models: ModelJson[] }

/// `GET /api/models/{id}/labels`.
type LabelsJson =
    {
        Model: string
        Version: string
        [<Description "The class names in the order of their numbers.">]
        Labels: string[]
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "Further names of each class, from the model's class tree; absent if it has none.">]
        Synonyms: string[][] option
    }
