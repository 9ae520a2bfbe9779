/// The API's authentication schemes in its document.
[<RequireQualifiedAccess>]
module Web.Giraffe.Api.Security

open System
open System.Collections.Generic
open Microsoft.OpenApi

let private http scheme description =
    OpenApiSecurityScheme(Type = Nullable SecuritySchemeType.Http, Scheme = scheme, Description = description)

// Made for each document, which owns them.
let private schemesOf () =
    [
        "key", http "bearer" "One of Api:Keys."
        "keyHeader",
        OpenApiSecurityScheme(
            Type = Nullable SecuritySchemeType.ApiKey,
            In = Nullable ParameterLocation.Header,
            Name = "X-API-Key",
            Description = "One of Api:Keys."
        )
        "token", http "bearer" "Admin:Token."
        "password", http "basic" "Admin:Token as the password, with any user name."
    ]

let schemes (document: OpenApiDocument) : unit =
    for name, scheme in schemesOf () do
        document.AddComponent<IOpenApiSecurityScheme>(name, scheme) |> ignore

let private requirement (document: OpenApiDocument) (name: string) =
    let requirement = OpenApiSecurityRequirement()
    requirement[OpenApiSecuritySchemeReference(name, document)] <- List<string>()
    requirement

/// Returns the alternatives. The empty one is for callers that need no credential.
let requirements (document: OpenApiDocument) (access: Access) : List<OpenApiSecurityRequirement> =
    let oneOf schemes =
        List [ yield! List.map (requirement document) schemes; OpenApiSecurityRequirement() ]

    match access with
    | Anybody -> List()
    | Keys -> oneOf [ "key"; "keyHeader" ]
    | Administrators -> oneOf [ "token"; "password" ]
