/// KServe's V1 protocol over HTTP.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.PredictHandlers

open System
open System.Threading.Tasks
open Giraffe
open Web.Giraffe
open Web.Giraffe.Inference

/// `GET /v1/models`.
let models (services: AppServices) : HttpHandler =
    fun next context ->
        let names = Model.all services.Models |> List.map _.Name |> Array.ofList
        AppServices.inferenceJson ({ Models = names }: ModelListV1) next context

/// `GET /v1/models/{model}`.
let model (services: AppServices) name version : HttpHandler =
    InferenceHandlers.known services name version (fun model ->
        InferenceHandlers.readiness services (fun ready -> AppServices.inferenceJson (PredictJson.status ready model)))

/// `POST /v1/models/{model}:predict`.
let predict (services: AppServices) name version : HttpHandler =
    fun next context ->
        let columnar = ref false

        let reading model body =
            PredictRequestJson.read model body
            |> Result.map (fun (isColumnar, given) ->
                columnar.Value <- isColumnar
                given)

        let sending _ result : HttpHandler =
            handleContext (fun context ->
                task {
                    context.Response.ContentType <- "application/json"
                    let bytes = PredictJson.write columnar.Value result
                    context.Response.ContentLength <- int64 bytes.Length
                    do! context.Response.Body.WriteAsync(ReadOnlyMemory bytes, context.RequestAborted)
                    return Some context
                })

        InferenceHandlers.known
            services
            name
            version
            (fun model -> InferHandlers.answer services (reading model) (fun _ -> Ok ValueNone) sending model)
            next
            context
