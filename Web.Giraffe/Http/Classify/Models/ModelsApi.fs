/// The models as JSON, below `/api/models`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ModelsApi

open System
open System.Threading.Tasks
open Giraffe
open Protocol.Core
open Web.Giraffe

let list (services: AppServices) : HttpHandler =
    fun next context ->
        let models =
            services.Models.Models |> List.map (Json.model services.Models) |> Array.ofList

        json ({ Models = models }: ModelsJson) next context

let unknown (services: AppServices) (id: string) =
    let name =
        ModelName.tryParse id
        |> ValueOption.defaultWith (fun () -> ModelName.ofId (Problem.shorten id))

    Problem.ofUnanswered (UnknownModel(name, [ for model in services.Models.Models -> model.Description.Id ]))

let noLabels =
    { Problem.create 503 "Labels unavailable" "No worker could be queried for the class names. Try again in a moment." with
        RetryAfter = Some(TimeSpan.FromSeconds 5.0)
    }

/// Returns a model with the names of its classes.
let withLabels (services: AppServices) (id: string) : Task<Result<ModelDescription * string[], Problem>> =
    task {
        match services.Models.Models |> List.tryFind (fun model -> model.Description.Id = id) with
        | Some({ Workers = worker :: _ } as model) ->
            match! services.Labels(worker, model.Description) with
            | ValueSome labels -> return Ok(model.Description, labels)
            | ValueNone -> return Error noLabels
        | _ -> return Error(unknown services id)
    }

/// `GET /api/models/{id}/labels`.
let labels (services: AppServices) (id: string) : HttpHandler =
    fun next context ->
        task {
            match! withLabels services id with
            | Ok(model, labels) ->
                let answer: LabelsJson =
                    {
                        Model = id
                        Version = model.Version
                        Labels = labels
                        Synonyms =
                            match services.Models.Synonyms model with
                            | [||] -> None
                            | synonyms -> Some synonyms
                    }

                return! json answer next context
            | Error problem -> return! Problem.json problem next context
        }
