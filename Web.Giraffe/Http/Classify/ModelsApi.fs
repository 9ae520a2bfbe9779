/// The models as JSON, below `/api/models`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ModelsApi

open System
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

/// `GET /api/models/{id}/labels`.
let labels (site: AppServices) (id: string) : HttpHandler =
    fun next context ->
        task {
            match site.Models.Models |> List.tryFind (fun model -> model.Description.Id = id) with
            | Some({ Workers = worker :: _ } as model) ->
                match! site.Labels(worker, model.Description) with
                | ValueSome labels ->
                    let answer: LabelsJson =
                        {
                            Model = id
                            Version = model.Description.Version
                            Labels = labels
                            Synonyms =
                                match site.Models.Synonyms model.Description with
                                | [||] -> None
                                | synonyms -> Some synonyms
                        }

                    return! json answer next context
                | ValueNone -> return! Problem.json noLabels next context
            | _ -> return! Problem.json (unknown site id) next context
        }
