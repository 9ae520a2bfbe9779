/// `GET /` and `POST /`: the page, and its form without the script.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.HomeHandlers

open System.Buffers
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe
open Web.Giraffe.Views

let private page (services: AppServices) (outcome: HomeView.HomeContent) : HttpHandler =
    fun next context ->
        let keys: HomeView.Keys =
            {
                AreNeeded = services.Api.Keys.AreSet
                IsSignedIn = ApiGuard.isSignedIn context
            }

        let view =
            BasePath.view (
                HomeView.page
                    services.Assets
                    services.Settings.MaxUpload
                    keys
                    (ModelsView.offer services.Models)
                    services.Samples.All
                    (services.Workers.Report() |> Array.exists (fun worker -> worker.State = Active))
                    services.Fetcher.IsSome
                    outcome
            )

        let handler =
            match outcome with
            | HomeView.Failed problem -> Problem.head problem >=> view
            | HomeView.Nothing
            | HomeView.Answered _ -> view

        handler next context

let show (services: AppServices) : HttpHandler = page services HomeView.Nothing

/// The form's options: its model, and the request's trace.
let private formOptions (context: HttpContext) (model: string) =
    ClassifyQuery.model model
    |> Result.map (fun model ->
        { ClassifyQuery.trace context with
            Model = model
        })

let private classifySample (services: AppServices) (context: HttpContext) (name: string) (model: string) =
    task {
        match services.Samples.TryFind name, formOptions context model with
        | _, Error problem -> return HomeView.Failed problem
        | None, _ ->
            return HomeView.Failed(Problem.create 404 "No such sample" "There is no sample picture of that name.")
        | Some sample, Ok options ->
            match! ClassifyUpload.ask services context options (ReadOnlySequence sample.Bytes) with
            | Ok answer -> return HomeView.Answered(answer, Some $"/samples/{sample.Name}", None)
            | Error problem -> return HomeView.Failed problem
    }

let private isUrlEncoded (request: HttpRequest) =
    HeaderParameters.mediaType request.ContentType = "application/x-www-form-urlencoded"

/// Handles the form without the script: an upload, or a sample's name in the field `sample`; the field `model` names
/// the model.
let classify (services: AppServices) : HttpHandler =
    fun next context ->
        task {
            let! outcome =
                task {
                    if isUrlEncoded context.Request then
                        let! form = SmallForm.read context

                        match string form["sample"] with
                        | "" -> return HomeView.Failed(UploadFault.problem NoFile)
                        | name -> return! classifySample services context name (string form["model"])
                    else
                        match!
                            ClassifyUpload.ofBody services context (fun picture -> formOptions context picture.Model)
                        with
                        | Ok(answer, fileName) -> return HomeView.Answered(answer, None, fileName)
                        | Error problem -> return HomeView.Failed problem
                }

            return! page services outcome next context
        }
