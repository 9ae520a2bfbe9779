/// The API's OpenAPI document, `/openapi/v1.json`: made from the metadata of the mapped endpoints.
[<RequireQualifiedAccess>]
module Web.Giraffe.Api.Document

open System
open System.Collections.Generic
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http.Json
open Microsoft.AspNetCore.Mvc.ApiExplorer
open Microsoft.AspNetCore.OpenApi
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.DependencyInjection.Extensions
open Microsoft.Extensions.Options
open Microsoft.OpenApi

/// The name of the document.
[<Literal>]
let Name = "v1"

let private operationOf (description: ApiDescription) : Operation option =
    description.ActionDescriptor.EndpointMetadata
    |> Seq.tryPick (function
        | :? Lazy<Operation> as operation -> Some operation.Value
        | _ -> None)

/// Names the path parameters, which Giraffe's routes only number.
let private naming =
    { new IApiDescriptionProvider with
        member _.Order = 0
        member _.OnProvidersExecuting _ = ()

        member _.OnProvidersExecuted context =
            for description in context.Results do
                match operationOf description, description.RelativePath with
                | Some operation, NonNull path ->
                    description.RelativePath <-
                        (path, Seq.indexed (operation.Parameters |> Seq.filter (fun p -> p.In = ParameterLocation.Path)))
                        ||> Seq.fold (fun path (index, parameter) ->
                            path.Replace($"{{s{index}}}", $"{{{parameter.Name}}}"))
                | _ -> ()
    }

let private typed kind =
    OpenApiSchema(Type = Nullable<JsonSchemaType> kind)

let private binary () =
    OpenApiSchema(Type = Nullable JsonSchemaType.String, Format = "binary")

let private form (fields: (string * IOpenApiSchema) list) =
    OpenApiSchema(
        Type = Nullable JsonSchemaType.Object,
        Properties = Dictionary(dict fields),
        Required = HashSet(List.map fst fields)
    )

let private schemaOf (context: OpenApiOperationTransformerContext) (cancel: CancellationToken) shape =
    task {
        match shape with
        | Shape.Binary -> return binary () :> IOpenApiSchema
        | Shape.File field -> return form [ field, binary () ]
        | Shape.Files fields ->
            return
                form
                    [
                        for field in fields ->
                            field, OpenApiSchema(Type = Nullable JsonSchemaType.Array, Items = binary ())
                    ]
        | Shape.Json types ->
            let schemas = List<IOpenApiSchema>()

            for kind in types do
                let! schema = context.GetOrCreateSchemaAsync(kind, null, cancel)
                schemas.Add(Schemas.refer (Unchecked.nonNull context.Document) schema)

            return
                if schemas.Count = 1 then
                    schemas[0]
                else
                    OpenApiSchema(OneOf = schemas)
    }

let private contentOf (context: OpenApiOperationTransformerContext) cancel (media: Media list) =
    task {
        let json =
            context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions

        let content = Dictionary<string, OpenApiMediaType>()

        for media in media do
            let! schema = schemaOf context cancel media.Shape
            let made = OpenApiMediaType(Schema = schema)

            if not media.Examples.IsEmpty then
                let examples = Dictionary<string, IOpenApiExample>()

                for name, example in media.Examples do
                    examples[name] <- OpenApiExample(Value = JsonSerializer.SerializeToNode(example, json))

                made.Examples <- examples

            content[media.Type] <- made

        return content
    }

let private parameterOf (parameter: Parameter) : IOpenApiParameter =
    OpenApiParameter(
        Name = parameter.Name,
        In = Nullable parameter.In,
        Description = parameter.Description,
        Required = parameter.Required,
        Schema = parameter.Schema()
    )

let private replyOf context cancel (reply: Reply) =
    task {
        let! content = contentOf context cancel reply.Media
        let made = OpenApiResponse(Description = reply.Description, Content = content)

        if reply.RetryAfter then
            let headers = Dictionary<string, IOpenApiHeader>()

            headers["Retry-After"] <-
                OpenApiHeader(
                    Description = "Seconds until it is worth asking again.",
                    Schema = typed JsonSchemaType.Integer
                )

            made.Headers <- headers

        return made
    }

let private describe (made: OpenApiOperation) (context: OpenApiOperationTransformerContext) cancel : Task =
    task {
        match operationOf context.Description with
        | None -> ()
        | Some operation ->
            let document = Unchecked.nonNull context.Document
            made.OperationId <- operation.Id
            made.Summary <- operation.Summary
            made.Description <- operation.Description
            made.Tags <- HashSet [ OpenApiTagReference(operation.Tag, document) ]
            made.Parameters <- operation.Parameters |> List.map parameterOf |> List

            if not operation.RequestBodies.IsEmpty then
                let! content = contentOf context cancel operation.RequestBodies
                made.RequestBody <- OpenApiRequestBody(Required = true, Content = content)

            let replies = OpenApiResponses()

            for reply in operation.Responses do
                let! reply' = replyOf context cancel reply
                replies[string reply.Status] <- reply'

            // Like any server's.
            if not (operation.Responses |> List.exists (fun reply -> reply.Status / 100 = 4)) then
                replies["400"] <- OpenApiResponse(Description = "The request is malformed")

            made.Responses <- replies
            made.Security <- Security.requirements document operation.Access
    }

let private introduce (document: OpenApiDocument) : unit =
    document.Info <-
        OpenApiInfo(
            Title = "Recognition",
            Version = "1",
            Description =
                "Classifies pictures and returns labels with probabilities. Responses have the header `trace-id`, and `RateLimit` if a limit is set.",
            License = OpenApiLicense(Name = "MIT", Identifier = "MIT")
        )

    // A path without a host is relative to the document's address. The base path is added for each request.
    document.Servers <- List [ OpenApiServer(Url = "/") ]

    document.Tags <-
        HashSet
            [
                OpenApiTag(Name = "pictures", Description = "What is in a picture")
                OpenApiTag(Name = "models", Description = "The models that the workers serve")
                OpenApiTag(Name = "inference", Description = "The Open Inference Protocol V2")
                OpenApiTag(Name = "workers", Description = "The live worker list, for administrators")
                OpenApiTag(Name = "health", Description = "For those that watch the node")
            ]

    Security.schemes document

/// Registers the document.
let add (services: IServiceCollection) : unit =
    services.TryAddEnumerable(ServiceDescriptor.Singleton<IApiDescriptionProvider>(naming))

    services.AddOpenApi(
        Name,
        fun options ->
            options.ShouldInclude <-
                fun description -> description.HttpMethod <> "HEAD" && (operationOf description).IsSome

            options.CreateSchemaReferenceId <- Schemas.nameOf
            options.AddSchemaTransformer(Schemas.shape) |> ignore
            options.AddOperationTransformer(describe) |> ignore

            options.AddDocumentTransformer(fun document _ _ ->
                introduce document
                Task.CompletedTask)
            |> ignore
    )
    |> ignore
