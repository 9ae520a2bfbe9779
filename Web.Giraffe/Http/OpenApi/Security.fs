/// The API's authentication schemes in its document.
[<RequireQualifiedAccess>]
module Web.Giraffe.Api.Security

open System
open System.Collections.Generic
open Microsoft.OpenApi

let private schemesOf =
    [
        "key",
        (fun () ->
            OpenApiSecurityScheme(
                Type = Nullable SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "One of Api:Keys."
            ))
        "keyHeader",
        (fun () ->
            OpenApiSecurityScheme(
                Type = Nullable SecuritySchemeType.ApiKey,
                In = Nullable ParameterLocation.Header,
                Name = "X-API-Key",
                Description = "One of Api:Keys."
            ))
        "token",
        (fun () ->
            OpenApiSecurityScheme(
                Type = Nullable SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "Admin:Token."
            ))
        "password",
        (fun () ->
            OpenApiSecurityScheme(
                Type = Nullable SecuritySchemeType.Http,
                Scheme = "basic",
                Description = "Admin:Token as the password, with any user name."
            ))
    ]

let schemes (document: OpenApiDocument) : unit =
    for name, scheme in schemesOf do
        document.AddComponent<IOpenApiSecurityScheme>(name, scheme ()) |> ignore

let private requirement (document: OpenApiDocument) (name: string) =
    let requirement = OpenApiSecurityRequirement()
    requirement[OpenApiSecuritySchemeReference(name, document)] <- List<string>()
    requirement

/// Returns the alternatives. The empty one is for callers that need no credential.
let requirements (document: OpenApiDocument) (access: Access) : List<OpenApiSecurityRequirement> =
    match access with
    | Anybody -> List()
    | Keys ->
        List
            [
                requirement document "key"
                requirement document "keyHeader"
                OpenApiSecurityRequirement()
            ]
    | Administrators ->
        List
            [
                requirement document "token"
                requirement document "password"
                OpenApiSecurityRequirement()
            ]
