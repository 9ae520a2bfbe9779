namespace Web.Giraffe

open System.Collections.Immutable
open Protocol.Core

/// Evaluates the workers' descriptions of their models.
[<RequireQualifiedAccess>]
module ServedModelsByWorker =

    let isReady (model: ModelDescription) = model.State = ModelState.Ready

    /// The default model of workers that describe nothing.
    [<Literal>]
    let private OriginalModel = "squeezenet1_1"

    /// Returns whether a worker has the model in service. `needsTensors`: also with `tensor` and `values`.
    let serves (name: ModelName) (needsTensors: bool) (models: ServedModels) : bool =
        models.Models
        |> Array.exists (fun model ->
            isReady model
            && ModelName.includes model.Id model.Version name
            && (not needsTensors || model.Tensors.IsSome))

    /// Marks the models as unavailable that an administrator has unloaded.
    let withoutUnloaded (unloaded: ImmutableHashSet<string>) (models: ServedModels) : ServedModels =
        { models with
            Models =
                models.Models
                |> Array.map (fun model ->
                    if isReady model && unloaded.Contains model.Id then
                        { model with
                            State = ModelState.Failed
                            Error = "Unloaded by an administrator."
                        }
                    else
                        model)
        }

    /// Returns the default model of most workers; ties are broken by the id, so that every web node with these workers
    /// makes the same choice.
    let defaultModel (served: ServedModels seq) : string =
        served
        |> Seq.countBy _.Default
        |> Seq.sortBy (fun (id, workers) -> -workers, id)
        |> Seq.tryHead
        |> Option.map fst
        |> Option.defaultValue OriginalModel

    /// Returns the models of all workers, by id.
    let clusterModels (served: (WorkerAddress * ServedModels) list) : ClusterModel list =
        served
        |> List.collect (fun (address, served) -> [ for model in served.Models -> address, model ])
        |> List.groupBy (fun (_, model) -> model.Id)
        |> List.map (fun (_, all) ->
            let ready = all |> List.filter (snd >> isReady)

            {
                Description = ready |> List.tryHead |> Option.defaultValue (List.head all) |> snd
                Workers = List.map fst ready
                Versions =
                    ready
                    |> List.map (fun (_, model) -> model.Version)
                    |> List.distinct
                    |> List.sort
                Errors =
                    all
                    |> List.map (fun (_, model) -> model.Error)
                    |> List.filter (fun error -> error <> "")
                    |> List.distinct
            })
        |> List.sortBy _.Description.Id
