/// `GET /models/{id}/classes`: the names of a model's classes for people.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassesPage

open Giraffe
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Views

/// The longest text to search for.
[<Literal>]
let private MaxQuery = 256

let page (site: AppServices) (id: string) : HttpHandler =
    fun next context ->
        task {
            match site.Models.Models |> List.tryFind (fun model -> model.Description.Id = id) with
            | Some({ Workers = worker :: _ } as model) ->
                match! site.Labels(worker, model.Description) with
                | ValueSome labels ->
                    let query = (string context.Request.Query["q"]).Trim()
                    let query = query.Substring(0, min query.Length MaxQuery)

                    return!
                        BasePath.view
                            (ClassesView.page
                                site.Assets
                                model.Description
                                labels
                                (site.Models.Synonyms model.Description)
                                query)
                            next
                            context
                | ValueNone -> return! AppServices.problemPage site ModelsApi.noLabels next context
            | _ -> return! AppServices.problemPage site (ModelsApi.unknown site id) next context
        }
