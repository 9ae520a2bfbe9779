/// `GET /` and `POST /`: the page, and its form without the script.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HomeHandlers

open System.Buffers
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe
open Web.Giraffe.Views

let private page (site: AppServices) (outcome: HomeView.Outcome) : HttpHandler =
    fun next context ->
        let keys: HomeView.Keys =
            {
                AreNeeded = site.Api.Keys.AreSet
                IsSignedIn = ApiGuard.isSignedIn context
            }

        let view =
            BasePath.view (
                HomeView.page
                    site.Assets
                    site.Settings.MaxUpload
                    keys
                    (ModelsView.offer site.Models)
                    site.Samples.All
                    (site.Workers.Report() |> Array.exists (fun worker -> worker.State = Active))
                    site.Fetcher.IsSome
                    outcome
            )

        let handler =
            match outcome with
            | HomeView.Failed problem -> Problem.head problem >=> view
            | HomeView.Nothing
            | HomeView.Answered _ -> view

        handler next context

let show (site: AppServices) : HttpHandler = page site HomeView.Nothing

/// The form's options: its model, and the request's trace.
let private formOptions (context: HttpContext) (model: string) =
    ClassifyQuery.model model
    |> Result.map (fun model ->
        { ClassifyQuery.trace context with
            Model = model
        })

let private classifySample (site: AppServices) (context: HttpContext) (name: string) (model: string) =
    task {
        match site.Samples.TryFind name, formOptions context model with
        | _, Error problem -> return HomeView.Failed problem
        | None, _ ->
            return HomeView.Failed(Problem.create 404 "No such sample" "There is no sample picture of that name.")
        | Some sample, Ok options ->
            match! ClassifyUpload.ask site context options (ReadOnlySequence sample.Bytes) with
            | Ok answer -> return HomeView.Answered(answer, Some $"/samples/{sample.Name}", None)
            | Error problem -> return HomeView.Failed problem
    }

let private isUrlEncoded (request: HttpRequest) =
    HeaderParameters.mediaType request.ContentType = "application/x-www-form-urlencoded"

/// Handles the form without the script: an upload, or a sample's name in the field `sample`; the field `model` names
/// the model.
let classify (site: AppServices) : HttpHandler =
    fun next context ->
        task {
            let! outcome =
                task {
                    if isUrlEncoded context.Request then
                        let! form = SmallForm.read context

                        match string form["sample"] with
                        | "" -> return HomeView.Failed(UploadFault.problem NoFile)
                        | name -> return! classifySample site context name (string form["model"])
                    else
                        match!
                            ClassifyUpload.ofBody site context (fun picture -> formOptions context picture.Model)
                        with
                        | Ok(answer, fileName) -> return HomeView.Answered(answer, None, fileName)
                        | Error problem -> return HomeView.Failed problem
                }

            return! page site outcome next context
        }
