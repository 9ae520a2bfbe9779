/// `/api`: the build that answers, and the way to its description.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ApiRoot

open Giraffe
open Node.Hosting
open Web.Giraffe
open Web.Giraffe.Api

/// The response of `GET /api`.
type ApiJson =
    {
        Name: string
        Version: string
        /// The Git commit that runs.
        Commit: string
        /// The path of the OpenAPI document.
        OpenApi: string
    }

let private about (path: string) (build: BuildInfo) : ApiJson =
    {
        Name = "recognition-web"
        Version = build.Version
        Commit = build.Commit
        OpenApi = path + "/openapi/v1.json"
    }

let get: HttpHandler =
    fun next context -> json (about (BasePath.ofContext context) BuildInfo.Current) next context

let operation =
    Operation.create "api" "health" "The version and the commit that answer" ""
    |> Operation.reply
        200
        "The build"
        [
            Media.json
                [
                    "Release", about "" (BuildInfo("1.2.3", "f732338f533ab87dbbedc4ca7fddc31a2a3a0885"))
                ]
        ]
    |> Operation.refuses [ ApiGuard.keyNeeded ]
    |> Operation.requires Keys
