namespace Web.Giraffe.Api

open System
open System.Collections.Generic
open System.ComponentModel
open System.Text.Json.Serialization
open Microsoft.OpenApi
open Giraffe.EndpointRouting
open Web.Giraffe

/// A value that a request carries outside its body.
type Parameter =
    {
        Name: string
        In: ParameterLocation
        Description: string
        /// Creates a new schema for every document, which may change it.
        Schema: unit -> OpenApiSchema
        Required: bool
    }

/// The content of a body.
[<RequireQualifiedAccess>]
type Shape =
    | Binary
    /// A multipart form with files in these fields.
    | Files of fields: string list
    /// A multipart form with one file in this field.
    | File of field: string
    /// JSON of one of these types.
    | Json of Type list

type Media =
    {
        Type: string
        Shape: Shape
        /// The examples by name; values of the shape's types.
        Examples: (string * obj) list
    }

type Reply =
    {
        Status: int
        Description: string
        Media: Media list
        /// Whether the response has the header `Retry-After`.
        RetryAfter: bool
    }

/// The callers that a route allows.
type Access =
    | Anybody
    /// Callers with a key, if keys are configured.
    | Keys
    /// Callers on this machine, or callers with the token.
    | Administrators

/// The body of an error (RFC 9457).
type ProblemJson =
    {
        [<Description "The address of the status's specification.">]
        Type: string
        [<Description "What is wrong, in few words.">]
        Title: string
        [<Description "The response's status.">]
        Status: int
        [<Description "What is wrong, and what to do.">]
        Detail: string
        [<JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)>]
        [<Description "The reason, for programs, where several problems have one status.">]
        Code: string option
        [<Description "Identifies the request in logs and spans, as a W3C traceparent.">]
        TraceId: string
    }

/// The OpenAPI metadata of a route's endpoint. Routes without it are not in the document.
type Operation =
    {
        /// Unique in the document.
        Id: string
        Tag: string
        Summary: string
        Description: string
        /// Path parameters first, in the order of the path.
        Parameters: Parameter list
        RequestBodies: Media list
        Responses: Reply list
        Access: Access
    }

    /// A method for the API explorer, which ignores endpoints without one.
    static member Nothing() : unit = ()

[<RequireQualifiedAccess>]
module Operation =
    let private nothing =
        typeof<Operation>.GetMethod(nameof Operation.Nothing) |> Unchecked.nonNull

    let create id tag summary description =
        {
            Id = id
            Tag = tag
            Summary = summary
            Description = description
            Parameters = []
            RequestBodies = []
            Responses = []
            Access = Anybody
        }

    let parameters parameters operation =
        { operation with
            Parameters = operation.Parameters @ parameters
        }

    let takes media (operation: Operation) =
        { operation with
            RequestBodies = operation.RequestBodies @ media
        }

    let requires access operation = { operation with Access = access }

    let reply status description media operation =
        { operation with
            Responses =
                operation.Responses
                @ [
                    {
                        Status = status
                        Description = description
                        Media = media
                        RetryAfter = status = 429 || status = 503
                    }
                ]
        }

    let private details (problem: Problem) : ProblemJson =
        {
            Type = "https://tools.ietf.org/html/rfc9110#section-15.5"
            Title = problem.Title
            Status = problem.Status
            Detail = problem.Detail
            Code = problem.Code
            TraceId = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        }

    /// Adds the problems that the route can return, by their statuses; `body` is that of a problem.
    let private returns mediaType (body: Problem -> 'body) (problems: Problem list) operation =
        let byStatus =
            problems
            |> List.distinctBy (fun problem -> problem.Status, problem.Title)
            |> List.groupBy _.Status
            |> List.sortBy fst

        (operation, byStatus)
        ||> List.fold (fun operation (status, problems) ->
            let media =
                {
                    Type = mediaType
                    Shape = Shape.Json [ typeof<'body> ]
                    Examples = problems |> List.map (fun problem -> problem.Title, body problem :> obj)
                }

            operation
            |> reply status (problems |> List.map _.Title |> String.concat ", or ") [ media ])

    /// Adds the problems that the route can return, as `application/problem+json`.
    let refuses (problems: Problem list) operation =
        returns "application/problem+json" details problems operation

    /// Adds the problems that the route can return, in the form of the Open Inference Protocol.
    let fails (problems: Problem list) operation =
        returns
            "application/json"
            (fun problem -> ({ Error = problem.Detail }: Inference.InferenceError))
            problems
            operation

    /// Adds the metadata to a route. It is created for the first document: its examples would delay the start.
    let describes (operation: Lazy<Operation>) : Endpoint -> Endpoint =
        addMetadata nothing >> addMetadata operation

[<RequireQualifiedAccess>]
module Media =
    let private without mediaType shape =
        {
            Type = mediaType
            Shape = shape
            Examples = []
        }

    let json<'T when 'T: not null> (examples: (string * 'T) list) =
        {
            Type = "application/json"
            Shape = Shape.Json [ typeof<'T> ]
            Examples = examples |> List.map (fun (name, example) -> name, example :> obj)
        }

    let binary mediaType = without mediaType Shape.Binary

    /// JSON of another media type, without an example.
    let ofType<'T> mediaType =
        without mediaType (Shape.Json [ typeof<'T> ])

    let file field =
        without "multipart/form-data" (Shape.File field)

    let files fields =
        without "multipart/form-data" (Shape.Files fields)

[<RequireQualifiedAccess>]
module Parameter =
    let private make place name required description schema =
        {
            Name = name
            In = place
            Description = description
            Schema = schema
            Required = required
        }

    let private ofType kind () =
        OpenApiSchema(Type = Nullable<JsonSchemaType> kind)

    let path name description =
        make ParameterLocation.Path name true description (ofType JsonSchemaType.String)

    let text name description =
        make ParameterLocation.Query name false description (ofType JsonSchemaType.String)

    let flag name description =
        make ParameterLocation.Query name false description (ofType JsonSchemaType.Boolean)

    let whole name (least: int) (most: int) description =
        make ParameterLocation.Query name false description (fun () ->
            OpenApiSchema(Type = Nullable JsonSchemaType.Integer, Minimum = string least, Maximum = string most))

    let fraction name description =
        make ParameterLocation.Query name false description (fun () ->
            OpenApiSchema(Type = Nullable JsonSchemaType.Number, Format = "double", Minimum = "0", Maximum = "1"))

    /// Comma-separated.
    let texts name description = text name description

    let header name description =
        make ParameterLocation.Header name false description (ofType JsonSchemaType.String)
