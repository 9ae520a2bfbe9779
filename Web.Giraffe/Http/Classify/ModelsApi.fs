/// The models as JSON, below `/api/models`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ModelsApi

open System
open System.Threading.Tasks
open Giraffe
open Protocol.Core
open Web.Giraffe

let list (site: AppServices) : HttpHandler =
    fun next context ->
        let models = site.Models.Models |> List.map (Json.model site.Models) |> Array.ofList
        json ({ Models = models }: ModelsJson) next context

let unknown (site: AppServices) (id: string) =
    let name = ModelName.tryParse id |> ValueOption.defaultValue (ModelName.ofId "?")
    Problem.ofUnanswered (UnknownModel(name, [ for model in site.Models.Models -> model.Description.Id ]))

let noLabels =
    { Problem.create 503 "No labels now" "No worker could be asked for the class names. Try again in a moment." with
        RetryAfter = Some(TimeSpan.FromSeconds 5.0)
    }

/// Returns a model with the names of its classes.
let withLabels (site: AppServices) (id: string) : Task<Result<ModelDescription * string[], Problem>> =
    task {
        match site.Models.Models |> List.tryFind (fun model -> model.Description.Id = id) with
        | Some({ Workers = worker :: _ } as model) ->
            match! site.Labels(worker, model.Description) with
            | ValueSome labels -> return Ok(model.Description, labels)
            | ValueNone -> return Error noLabels
        | _ -> return Error(unknown site id)
    }

/// `GET /api/models/{id}/labels`.
let labels (site: AppServices) (id: string) : HttpHandler =
    fun next context ->
        task {
            match! withLabels site id with
            | Ok(model, labels) ->
                let answer: LabelsJson =
                    {
                        Model = id
                        Version = model.Version
                        Labels = labels
                        Synonyms =
                            match site.Models.Synonyms model with
                            | [||] -> None
                            | synonyms -> Some synonyms
                    }

                return! json answer next context
            | Error problem -> return! Problem.json problem next context
        }
