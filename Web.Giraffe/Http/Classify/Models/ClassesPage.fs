/// `GET /models/{id}/classes`: the names of a model's classes for people.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassesPage

open Giraffe
open Web.Giraffe
open Web.Giraffe.Views

/// The longest text to search for.
[<Literal>]
let private MaxQuery = 256

let page (services: AppServices) (id: string) : HttpHandler =
    fun next context ->
        task {
            match! ModelsApi.withLabels services id with
            | Ok(model, labels) ->
                let query = (string context.Request.Query["q"]).Trim()
                let query = query.Substring(0, min query.Length MaxQuery)

                return!
                    BasePath.view
                        (ClassesView.page services.Assets model labels (services.Models.Synonyms model) query)
                        next
                        context
            | Error problem -> return! AppServices.problemPage services problem next context
        }
