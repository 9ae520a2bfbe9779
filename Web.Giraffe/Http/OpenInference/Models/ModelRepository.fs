/// The models of the Open Inference Protocol, over REST and gRPC: finding them, and what is in service.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ModelRepository

open System
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Inference

let private unknown detail =
    Problem.create 404 "No such model" detail

let private unknownModel (services: AppServices) name =
    let names =
        Model.all services.Models
        |> List.map (fun model -> $"'{model.Name}'")
        |> String.concat ", "

    unknown $"There is no model '{Problem.shorten name}'; this server has {names}."

let private unknownVersion (model: InferenceModel) version =
    let versions =
        model.Versions |> List.map (fun version -> $"'{version}'") |> String.concat ", "

    unknown $"The model '{model.Name}' has no version '{Problem.shorten version}', but {versions}."

/// Finds a model, in any version if none is named.
let find (services: AppServices) (name: string) (version: string option) : Result<InferenceModel, Problem> =
    match Model.all services.Models |> List.tryFind (fun model -> model.Name = name), version with
    | None, _ -> Error(unknownModel services name)
    | Some model, Some version when not (List.contains version model.Versions) -> Error(unknownVersion model version)
    | Some model, Some version -> Ok(Model.inVersion version model)
    | Some model, None -> Ok model

let isReady (services: AppServices) =
    (HealthHandlers.service services).Status = HealthHandlers.isReady

/// Every version of every model, in service or not; with `onlyReady` those in service.
let index (onlyReady: bool) (services: AppServices) : RepositoryEntry[] =
    let described = services.Models.Models

    let describedAs name =
        described |> List.tryFind (fun model -> model.Description.Id = name)

    let entry name version state (model: ClusterModel option) : RepositoryEntry =
        {
            Name = name
            Version = version
            State = state
            Reason =
                match model with
                | Some model -> String.Join("; ", model.Errors)
                | None -> ""
        }

    let inService =
        [
            for model in Model.all services.Models do
                match describedAs model.Name with
                // The default model, which no worker has in service now.
                | Some { Workers = [] } -> ()
                | known ->
                    // Workers that don't describe their model may be inactive.
                    let isServed = model.Route.IsSome || isReady services

                    for version in model.Versions do
                        model.Network.IsSome,
                        entry model.Name version (if isServed then "READY" else "UNAVAILABLE") known
        ]

    let others =
        [
            for model in described do
                if model.Workers.IsEmpty then
                    let description = model.Description

                    let state =
                        match description.State with
                        | ModelState.Loading -> "LOADING"
                        | ModelState.Ready
                        | ModelState.Failed -> "UNAVAILABLE"

                    false, entry description.Id description.Version state (Some model)
        ]

    inService @ others
    // The models' second names come last.
    |> List.sortBy (fun (isNetwork, entry) -> isNetwork, entry.Name)
    |> List.map snd
    |> List.filter (fun entry -> entry.State = "READY" || not onlyReady)
    |> Array.ofList

let limits (services: AppServices) : InferenceLimits =
    {
        Pictures = services.Settings.MaxFiles
        Picture = services.Settings.MaxUpload
        Tensor = int64 services.Settings.MaxRequest
    }

/// Triton's configuration of a model.
let config (services: AppServices) (model: InferenceModel) : ModelConfiguration =
    let id =
        match model.Route with
        | ValueSome route -> route.Id
        | ValueNone -> model.Name

    ModelConfiguration.create (WantedInference.mostRows (limits services) model) (services.Models.Executors id) model

/// Returns the statistics of one model or of all models, for one version or for all versions.
let statistics
    (services: AppServices)
    (name: string option)
    (version: string option)
    : Result<ModelStatistics[], Problem> =
    let read (model: InferenceModel) =
        [|
            for version in model.Versions -> services.Inferences.Read(model.Name, version)
        |]

    match name with
    | Some name -> find services name version |> Result.map read
    | None -> Model.all services.Models |> Seq.collect read |> Array.ofSeq |> Ok

/// The answer to a request that loads a model with files or a configuration of its own.
let noFiles =
    Problem.create
        400
        "Not over the network"
        "A model's files and configuration are not sent over the network: put its folder into the workers' model folder (see docs/models.md), then load it without parameters."

/// Returns a model to service, for requests to this web node.
let load (services: AppServices) (name: string) : Result<unit, Problem> =
    services.Models.Load name

    match
        services.Models.Models
        |> List.tryFind (fun model -> model.Description.Id = name)
    with
    | Some { Workers = []; Errors = errors } when not errors.IsEmpty ->
        let reasons = String.concat "; " errors
        Error(Problem.create 400 "Can't be loaded" $"The workers can't load the model '{name}': {reasons}")
    | Some { Workers = [] } ->
        Error(Problem.create 503 "Not ready" $"The workers are loading the model '{name}'. Try again.")
    | Some _ -> Ok()
    | None when name = services.Models.Default -> Ok()
    | None -> Error(unknownModel services name)

/// Takes a model out of service, for requests to this web node. The workers keep it.
let unload (services: AppServices) (name: string) : Result<unit, Problem> =
    if services.Models.Unload name then
        Ok()
    else
        Error(unknownModel services name)
