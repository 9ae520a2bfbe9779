/// The Open Inference Protocol's model repository extension over HTTP.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.RepositoryHandlers

open System
open System.IO
open System.Text.Json
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe
open Web.Giraffe.Inference

let private readBody (context: HttpContext) =
    task {
        use body = new MemoryStream()
        do! context.Request.Body.CopyToAsync(body, context.RequestAborted)
        return ReadOnlyMemory(body.ToArray())
    }

/// `POST /v2/repository/index`: every model that a worker has, in service or not. The body may ask for those in service.
let index (services: AppServices) : HttpHandler =
    fun next context ->
        task {
            let! body = readBody context
            let json = RequestJson.withoutMark body

            let asked =
                if json.IsEmpty then
                    Ok({ Ready = None }: RepositoryRequest)
                else
                    RequestJson.parse<RepositoryRequest> (fun _ place -> place) [] json
                    |> Result.map fst

            match asked with
            | Error wrong -> return! AppServices.inferenceError (Problem.wrong wrong) next context
            | Ok asked ->
                let models = ModelRepository.index (asked.Ready = Some true) services
                return! AppServices.inferenceJson models next context
        }

/// Returns the names of the parameters in the body of a repository request, which may be empty.
let private parameterNames (body: ReadOnlyMemory<byte>) : Result<string list, Problem> =
    let named (json: JsonDocument) =
        use json = json
        let root = json.RootElement

        if root.ValueKind <> JsonValueKind.Object then
            Error(Problem.wrong "The request must be a JSON object.")
        else
            match root.TryGetProperty "parameters" with
            | true, parameters when parameters.ValueKind = JsonValueKind.Object ->
                Ok [ for parameter in parameters.EnumerateObject() -> parameter.Name ]
            | true, _ -> Error(Problem.wrong "'parameters' must be an object.")
            | _ -> Ok []

    if body.IsEmpty then
        Ok []
    else
        RequestJson.document (fun _ place -> place) body
        |> Result.mapError Problem.wrong
        |> Result.bind named

let private changeRepository (change: string list -> Result<unit, Problem>) : HttpHandler =
    fun next context ->
        task {
            let! body = readBody context

            match parameterNames body |> Result.bind change with
            | Ok() -> return! AppServices.inferenceJson (obj ()) next context
            | Error problem -> return! AppServices.inferenceError problem next context
        }

/// `POST /v2/repository/models/{model}/load`.
let load (services: AppServices) name : HttpHandler =
    changeRepository (fun parameters ->
        if parameters.IsEmpty then
            ModelRepository.load services name
        else
            Error ModelRepository.noFiles)

/// `POST /v2/repository/models/{model}/unload`. No model has dependents, so `unload_dependents` may have any value.
let unload (services: AppServices) name : HttpHandler =
    changeRepository (fun _ -> ModelRepository.unload services name)
