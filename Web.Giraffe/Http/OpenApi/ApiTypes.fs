/// The type of the response of `GET /api`.
namespace Web.Giraffe.Handlers


/// `GET /api`.
type ApiJson =
    {
        Name: string
        Version: string
        /// The Git commit that runs.
        Commit: string
        /// The path of the OpenAPI document.
        OpenApi: string
    }
