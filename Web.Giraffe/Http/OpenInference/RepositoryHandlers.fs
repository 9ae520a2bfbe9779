/// The Open Inference Protocol's model repository extension over HTTP.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.RepositoryHandlers

open System
open System.IO
open System.Text.Json
open Giraffe
open Web.Giraffe
open Web.Giraffe.Inference

/// `POST /v2/repository/index`: every model that a worker has, in service or not. The body may ask for those in service.
let index (services: AppServices) : HttpHandler =
    fun next context ->
        task {
            use body = new MemoryStream()
            do! context.Request.Body.CopyToAsync(body, context.RequestAborted)
            let json = RequestJson.withoutMark (ReadOnlyMemory(body.ToArray()))

            let asked =
                if json.IsEmpty then
                    Ok({ Ready = None }: RepositoryRequest)
                else
                    RequestJson.parse<RepositoryRequest> (fun _ place -> place) [] json
                    |> Result.map fst

            match asked with
            | Error wrong -> return! AppServices.inferenceError (InferenceService.wrong wrong) next context
            | Ok asked ->
                let models = InferenceService.repository (asked.Ready = Some true) services
                return! AppServices.inferenceJson models next context
        }

/// Returns the names of the parameters in the body of a repository request, which may be empty.
let private parameterNames (body: byte[]) : Result<string list, Problem> =
    let named (json: JsonDocument) =
        use json = json
        let root = json.RootElement

        if root.ValueKind <> JsonValueKind.Object then
            Error(InferenceService.wrong "The request must be a JSON object.")
        else
            match root.TryGetProperty "parameters" with
            | true, parameters when parameters.ValueKind = JsonValueKind.Object ->
                Ok [ for parameter in parameters.EnumerateObject() -> parameter.Name ]
            | true, _ -> Error(InferenceService.wrong "'parameters' must be an object.")
            | _ -> Ok []

    if body.Length = 0 then
        Ok []
    else
        RequestJson.document (fun _ place -> place) (ReadOnlyMemory body)
        |> Result.mapError InferenceService.wrong
        |> Result.bind named

let private changeRepository (change: string list -> Result<unit, Problem>) : HttpHandler =
    fun next context ->
        task {
            use body = new MemoryStream()
            do! context.Request.Body.CopyToAsync(body, context.RequestAborted)

            match parameterNames (body.ToArray()) |> Result.bind change with
            | Ok() -> return! AppServices.inferenceJson (obj ()) next context
            | Error problem -> return! AppServices.inferenceError problem next context
        }

/// `POST /v2/repository/models/{model}/load`.
let load (services: AppServices) name : HttpHandler =
    changeRepository (fun parameters ->
        if parameters.IsEmpty then
            InferenceService.load services name
        else
            Error InferenceService.noFiles)

/// `POST /v2/repository/models/{model}/unload`. No model has dependents, so `unload_dependents` may have any value.
let unload (services: AppServices) name : HttpHandler =
    changeRepository (fun _ -> InferenceService.unload services name)
