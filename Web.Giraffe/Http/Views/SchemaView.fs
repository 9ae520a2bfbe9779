/// The types of the API, for its reference.
[<RequireQualifiedAccess>]
module Web.Giraffe.Views.SchemaView

open System
open System.Collections.Generic
open System.Text.Json
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open Giraffe.ViewEngine
open Giraffe.ViewEngine.Accessibility
open Microsoft.OpenApi
open Web.Giraffe

let many (items: seq<'T> | null) : 'T list =
    match items with
    | null -> []
    | items -> List.ofSeq items

/// Renders the descriptions' Markdown: code in backticks.
let prose (text: string | null) : XmlNode list =
    match text with
    | null -> []
    | text ->
        Regex.Split(text, "`([^`]+)`")
        |> Array.indexed
        |> Array.map (fun (index, part) -> if index % 2 = 1 then code [] [ str part ] else str part)
        |> List.ofArray

let private anchor (name: string) = $"schema-{name}"

let private link (name: string) =
    a [ _href $"#{anchor name}" ] [ str name ]

let private between (schema: IOpenApiSchema) =
    match schema.Minimum, schema.Maximum with
    | NonNull least, NonNull most -> $", {least}–{most}"
    | _ -> ""

/// Returns the name of the type, with links to the types that it consists of.
let rec kind (schema: IOpenApiSchema | null) : XmlNode list =
    match schema with
    | null -> []
    | :? OpenApiSchemaReference as reference -> [ link (string reference.Reference.Id) ]
    | schema ->
        let choices = many schema.OneOf @ many schema.AnyOf

        if not choices.IsEmpty then
            choices
            |> List.map kind
            |> List.reduce (fun left right -> left @ [ str " | " ] @ right)
        else
            let flags = schema.Type.GetValueOrDefault()

            let named = flags.ToIdentifiers() |> Array.filter (fun name -> name <> "null")

            [
                match named, schema.Items with
                | [| "array" |], NonNull items when not (kind items).IsEmpty ->
                    yield! kind items
                    str "[]"
                | _, _ ->
                    str (String.Join(" | ", named))

                    match schema.Format with
                    | NonNull format -> str $" ({format})"
                    | _ -> ()

                    str (between schema)

                if flags.HasFlag JsonSchemaType.Null then
                    str " | null"
            ]

/// Returns one name with its type and description.
let entry (name: string) (types: XmlNode list) (isRequired: bool) (description: string | null) : XmlNode list =
    [
        dt
            []
            [
                code [] [ str name ]
                span [ _class "type" ] types
                if isRequired then
                    span [ _class "required" ] [ Layout.text "api.required" ]
            ]
        dd [] (prose description)
    ]

/// Returns the members of an object.
let members (schema: IOpenApiSchema) : XmlNode =
    let isRequired (name: string) =
        match schema.Required with
        | null -> false
        | required -> required.Contains name

    dl
        [ _class "entries" ]
        [
            match schema.Properties with
            | null -> ()
            | properties ->
                for pair in properties do
                    yield! entry pair.Key (kind pair.Value) (isRequired pair.Key) pair.Value.Description
        ]

let private indented =
    JsonSerializerOptions(
        WriteIndented = true,
        Encoder = Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    )

let json (node: JsonNode) : string = node.ToJsonString indented

/// Returns the named types.
let components (document: OpenApiDocument) : XmlNode =
    let schemas: KeyValuePair<string, IOpenApiSchema> list =
        match document.Components with
        | null -> []
        | components -> many components.Schemas

    section
        [ _ariaLabelledBy "types" ]
        [
            h2 [ _id "types" ] [ Layout.text "api.types" ]
            for pair in schemas |> List.sortBy _.Key do
                section
                    [ _class "schema" ]
                    [
                        h3 [ _id (anchor pair.Key) ] [ str pair.Key ]
                        div inEnglish [ p [] (prose pair.Value.Description); members pair.Value ]
                    ]
        ]
