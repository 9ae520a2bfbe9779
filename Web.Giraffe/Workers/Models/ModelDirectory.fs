namespace Web.Giraffe

open System
open System.Collections.Concurrent
open System.Collections.Immutable
open Protocol.Core

/// The models that each worker serves, as described by the workers. Thread-safe.
[<Sealed>]
type ModelDirectory(configuredDefault: string option, time: TimeProvider) =

    /// How long a model that disappeared counts as temporarily unavailable.
    static let moment = TimeSpan.FromSeconds 30.0

    let gate = obj ()
    // The descriptions with labels, by id and digest.
    let labelled = ConcurrentDictionary<struct (string * string), ModelDescription>()
    // As the workers describe themselves, and without the models that an administrator has unloaded.
    let mutable described = ImmutableDictionary<WorkerAddress, ServedModels>.Empty
    let mutable served = described
    let mutable unloaded = ImmutableHashSet<string>.Empty
    let mutable lastSeen = ImmutableDictionary<ModelName, int64>.Empty
    // Keyed by name and whether tensors are needed; rebuilt after every change.
    let mutable routes =
        ImmutableDictionary<struct (ModelName * bool), ModelRoute>.Empty

    let mutable inService = ImmutableDictionary<ModelName, ModelDescription>.Empty

    let change (edit: unit -> unit) =
        lock gate (fun () ->
            let now = time.GetTimestamp()

            for models in served.Values do
                for model in models.Models do
                    if ServedModelsByWorker.isReady model then
                        for version in [ ValueNone; ValueSome model.Version ] do
                            let name = { Id = model.Id; Version = version }
                            lastSeen <- lastSeen.SetItem(name, now)

            edit ()

            served <-
                if unloaded.IsEmpty then
                    described
                else
                    described.ToImmutableDictionary(
                        _.Key,
                        (fun pair -> ServedModelsByWorker.withoutUnloaded unloaded pair.Value)
                    )

            routes <- ImmutableDictionary<struct (ModelName * bool), ModelRoute>.Empty
            inService <- ImmutableDictionary<ModelName, ModelDescription>.Empty)

    // By address, so that every web node lists the same.
    let all () =
        served
        |> Seq.map (fun pair -> pair.Key, pair.Value)
        |> Seq.sortBy fst
        |> List.ofSeq

    let defaultModel () =
        configuredDefault
        |> Option.defaultWith (fun () -> ServedModelsByWorker.defaultModel served.Values)

    let route (name: ModelName) (needsTensors: bool) : ModelRoute voption =
        let having, lacking =
            all ()
            |> List.partition (fun (_, models) -> ServedModelsByWorker.serves name needsTensors models)

        let isDefault = name = ModelName.ofId (defaultModel ())

        if having.IsEmpty && (not isDefault || unloaded.Contains name.Id) then
            ValueNone
        else
            ValueSome
                {
                    Name = name
                    IsDefault = isDefault
                    Lacking = lacking |> Seq.map fst |> Set.ofSeq
                }

    let wasThere (name: ModelName) =
        match lastSeen.TryGetValue name with
        | true, seen -> time.GetElapsedTime seen < moment
        | _ -> false

    let models () =
        ServedModelsByWorker.clusterModels (all ())

    let orDefault (name: ModelName voption) =
        name |> ValueOption.defaultWith (fun () -> ModelName.ofId (defaultModel ()))

    let tryLabelled (model: ModelDescription) =
        match labelled.TryGetValue(struct (model.Id, model.Digest)) with
        | true, found -> ValueSome found
        | _ -> ValueNone

    /// The model of requests that name none: `Pool:Model`, else the default of most workers; ties are broken by the id.
    member _.Default = lock gate defaultModel

    /// The models that the workers describe, by id.
    member _.Models = lock gate models

    /// Records what a worker serves.
    member _.Update(address: WorkerAddress, models: ServedModels) =
        change (fun () -> described <- described.SetItem(address, models))

    /// Drops a worker that was removed from the list.
    member _.Forget(address: WorkerAddress) =
        change (fun () -> described <- described.Remove address)

    /// Takes a model out of service on this web node, until `Load`. Its workers keep it. Returns false if there is no such
    /// model.
    member directory.Unload(id: string) : bool =
        let isThere =
            id = directory.Default
            || directory.Models |> List.exists (fun model -> model.Description.Id = id)

        if isThere then
            change (fun () -> unloaded <- unloaded.Add id)

            lock gate (fun () ->
                lastSeen <- lastSeen.RemoveRange(lastSeen.Keys |> Seq.filter (fun name -> name.Id = id)))

        isThere

    /// Returns a model to service after `Unload`.
    member _.Load(id: string) =
        change (fun () -> unloaded <- unloaded.Remove id)

    /// Returns whether an administrator has taken the model out of service.
    member _.IsUnloaded(id: string) = unloaded.Contains id

    /// Returns what a worker serves; none if it does not describe itself.
    member _.Of(address: WorkerAddress) : ServedModels voption =
        match served.TryGetValue address with
        | true, models -> ValueSome models
        | _ -> ValueNone

    /// Returns how many requests the workers of a model answer at once; 0 if none describes it.
    member _.Executors(id: string) : int =
        served.Values
        |> Seq.filter (ServedModelsByWorker.serves (ModelName.ofId id) false)
        |> Seq.sumBy _.Executors

    /// Returns the models in service on a worker, as `id@version`; empty if it does not describe itself.
    member directory.Served(address: WorkerAddress) : string list =
        match directory.Of address with
        | ValueNone -> []
        | ValueSome models ->
            [
                for model in models.Models do
                    if ServedModelsByWorker.isReady model then
                        $"{model.Id}@{model.Version}"
            ]

    /// Finds the workers for a model, the default one if none is named. `needsTensors`: only those that support `tensor`
    /// and `values`. `mayKnowMore`: some workers have not described themselves yet.
    member _.Find(name: ModelName voption, needsTensors: bool, mayKnowMore: bool) : ModelLookup =
        lock gate (fun () ->
            let name = orDefault name

            match routes.TryGetValue(struct (name, needsTensors)) with
            | true, route -> ModelLookup.Routed route
            | _ ->
                match route name needsTensors with
                | ValueSome route ->
                    routes <- routes.SetItem(struct (name, needsTensors), route)
                    ModelLookup.Routed route
                | ValueNone when mayKnowMore || wasThere name -> ModelLookup.NotNow
                | ValueNone ->
                    ModelLookup.NoSuchModel
                        [
                            for model in models () do
                                if not model.Workers.IsEmpty then
                                    yield! [ for version in model.Versions -> $"{model.Description.Id}@{version}" ]
                        ])

    /// Returns the version that all workers of the model serve (the default model if `name` is none); none if versions or
    /// digests differ or are unknown.
    member _.InService(name: ModelName voption) : ModelDescription voption =
        lock gate (fun () ->
            let name = orDefault name

            match inService.TryGetValue name with
            | true, found -> ValueSome found
            | _ ->
                let versions =
                    all ()
                    |> List.collect (fun (_, served) -> List.ofArray served.Models)
                    |> List.filter (fun model ->
                        ServedModelsByWorker.isReady model
                        && ModelName.includes model.Id model.Version name)
                    |> List.distinctBy (fun model -> struct (model.Version, model.Digest))

                match versions with
                | [ only ] when only.Version <> "" && only.Digest <> "" ->
                    inService <- inService.SetItem(name, only)
                    ValueSome only
                // Not remembered: clients choose the names.
                | _ -> ValueNone)

    /// Returns the model to name in an exchange with this worker; none if the worker serves it by default.
    member directory.Parameter(address: WorkerAddress, isExplicit: bool, route: ModelRoute) : ModelName voption =
        match directory.Of address with
        | ValueNone -> ValueNone
        | ValueSome models when not isExplicit && models.Default = route.Name.Id -> ValueNone
        | ValueSome _ -> ValueSome route.Name

    /// Returns whether the model, the worker's default one if none is named, has a class tree on this worker.
    member directory.HasTree(address: WorkerAddress, name: ModelName voption) : bool =
        match directory.Of address with
        | ValueSome served ->
            let name = name |> ValueOption.defaultWith (fun () -> ModelName.ofId served.Default)

            served.Models
            |> Array.exists (fun model -> model.HasTree && ModelName.includes model.Id model.Version name)
        | ValueNone -> false

    /// The class names of a version that `Keep` has stored.
    member _.TryLabels(model: ModelDescription) : string[] voption =
        tryLabelled model |> ValueOption.map _.Labels

    /// The further names of each class of a version, as `TryLabels`; empty if it has none.
    member _.Synonyms(model: ModelDescription) : string[][] =
        tryLabelled model |> ValueOption.map _.Synonyms |> ValueOption.defaultValue [||]

    /// Stores the class names of a description that has them. A digest without a value is not stored.
    member _.Keep(model: ModelDescription) =
        if model.Digest <> "" && model.Labels.Length > 0 then
            labelled[struct (model.Id, model.Digest)] <- model
