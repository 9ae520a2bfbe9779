/// The OpenAPI schemas of the API's types.
[<RequireQualifiedAccess>]
module Web.Giraffe.Api.Schemas

open System
open System.Collections.Generic
open System.ComponentModel.DataAnnotations
open System.Text.Json.Nodes
open System.Text.Json.Serialization
open System.Text.Json.Serialization.Metadata
open System.Threading.Tasks
open Microsoft.AspNetCore.OpenApi
open Microsoft.OpenApi
open Web.Giraffe.Inference

// The framework's mark of a schema with a name among the components.
let private nameMark = "x-schema-id"

/// Moves named schemas to the components, and leaves references in their place.
let rec refer (document: OpenApiDocument) (schema: IOpenApiSchema) : IOpenApiSchema =
    match schema with
    | :? OpenApiSchema as schema ->
        match schema.Properties with
        | NonNull properties ->
            for name in Seq.toArray properties.Keys do
                properties[name] <- refer document properties[name]
        | _ -> ()

        match schema.Items with
        | NonNull items -> schema.Items <- refer document items
        | _ -> ()

        match schema.Metadata with
        | NonNull metadata when metadata.ContainsKey nameMark ->
            match metadata[nameMark] with
            | :? string as name when name <> "" ->
                // The description applies only here, so it moves to the reference.
                let reference =
                    OpenApiSchemaReference(name, document, Description = schema.Description)

                schema.Description <- null
                document.AddComponent<IOpenApiSchema>(name, schema) |> ignore
                reference
            | _ -> schema
        | _ -> schema
    | schema -> schema

let private isOption (kind: Type) =
    kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<_ option>

/// Returns the schema's name in the document: `AnswerJson` is `Answer`; an option has none of its own.
let nameOf (info: JsonTypeInfo) : string | null =
    if isOption info.Type then
        null
    else
        match OpenApiOptions.CreateDefaultSchemaReferenceId info with
        | null -> null
        | name when name.EndsWith "Json" -> name.Substring(0, name.Length - 4)
        | name -> name

let private leftOut (property: JsonPropertyInfo) =
    match property.AttributeProvider with
    | NonNull provider -> provider.IsDefined(typeof<JsonIgnoreAttribute>, false)
    | _ -> false

/// Describes the content of an option, which the framework does not.
let private lookInto (schema: OpenApiSchema) (context: OpenApiSchemaTransformerContext) cancel =
    task {
        let held = context.JsonTypeInfo.Type.GetGenericArguments()[0]
        let info = context.JsonTypeInfo.Options.GetTypeInfo held

        if info.Kind = JsonTypeInfoKind.Object then
            let! made = context.GetOrCreateSchemaAsync(held, null, cancel)
            schema.Type <- made.Type
            schema.Properties <- made.Properties
            schema.Required <- made.Required
            schema.Metadata <- Dictionary(dict [ nameMark, nameOf info |> Unchecked.nonNull :> obj ])
        elif held.IsArray then
            // The framework makes the items without their adjustments.
            let! items =
                context.GetOrCreateSchemaAsync(Unchecked.nonNull (held.GetElementType()), null, cancel)

            schema.Items <- items
        elif held = typeof<Tensor> then
            schema.Type <- Nullable JsonSchemaType.Array
            schema.Items <- OpenApiSchema()
    }

/// Returns the values that a member may have.
let private allowed (property: JsonPropertyInfo) : List<JsonNode> =
    match property.AttributeProvider with
    | NonNull provider ->
        List
            [
                for attribute in provider.GetCustomAttributes(typeof<AllowedValuesAttribute>, false) do
                    for value in (attribute :?> AllowedValuesAttribute).Values do
                        JsonValue.Create(string value) |> Unchecked.nonNull :> JsonNode
            ]
    | _ -> List()

let private restrict (schema: OpenApiSchema) (property: JsonPropertyInfo) =
    let values = allowed property

    if values.Count > 0 then
        match schema.Items with
        | :? OpenApiSchema as items -> items.Enum <- values
        | _ -> schema.Enum <- values

/// Adjusts a schema. A member that is omitted without a value is optional and never null; all others are required.
let shape (schema: OpenApiSchema) (context: OpenApiSchemaTransformerContext) cancel : Task =
    task {
        if isOption context.JsonTypeInfo.Type then
            do! lookInto schema context cancel

        match context.JsonPropertyInfo with
        | NonNull property when isOption property.PropertyType && schema.Type.HasValue ->
            schema.Type <-
                Nullable(
                    if leftOut property then
                        schema.Type.Value &&& ~~~JsonSchemaType.Null
                    else
                        schema.Type.Value ||| JsonSchemaType.Null
                )
        | _ -> ()

        match context.JsonPropertyInfo with
        | NonNull property -> restrict schema property
        | _ -> ()

        match schema.Required with
        | NonNull required ->
            for property in context.JsonTypeInfo.Properties do
                if leftOut property then
                    required.Remove property.Name |> ignore
        | _ -> ()
    }
