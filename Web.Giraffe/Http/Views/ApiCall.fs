/// The calls of the API as its OpenAPI document describes them.
namespace Web.Giraffe.Views

open System
open System.Text.Json.Nodes
open Microsoft.OpenApi

/// A method of a path.
type ApiCall =
    {
        Method: string
        Path: string
        Operation: OpenApiOperation
    }

    member call.Id = string call.Operation.OperationId

/// Reads the calls of a document.
[<RequireQualifiedAccess>]
module ApiCall =
    /// Returns the calls in the order of the document.
    let ofDocument (document: OpenApiDocument) : ApiCall list =
        [
            for path in document.Paths do
                for operation in SchemaView.many path.Value.Operations do
                    {
                        Method = operation.Key.Method
                        Path = path.Key
                        Operation = operation.Value
                    }
        ]

    /// Returns the name of the first tag; empty without one.
    let tag (call: ApiCall) =
        SchemaView.many call.Operation.Tags
        |> List.tryHead
        |> Option.map (fun tag -> string tag.Name)
        |> Option.defaultValue ""

    let private quoted (text: string) = "'" + text.Replace("'", "'\\''") + "'"

    let private exampleOf (media: OpenApiMediaType) : JsonNode option =
        SchemaView.many media.Examples
        |> List.tryPick (fun pair -> Option.ofObj pair.Value.Value)

    /// Returns a command line for a shell. A value for the user to fill in is in capitals.
    let curl (origin: string) (call: ApiCall) : string =
        let path =
            SchemaView.many call.Operation.Parameters
            |> List.fold
                (fun (path: string) parameter ->
                    path.Replace($"{{{parameter.Name}}}", (string parameter.Name).ToUpperInvariant()))
                call.Path

        let body =
            match call.Operation.RequestBody with
            | null -> []
            | body ->
                let content = SchemaView.many body.Content

                let takes (mediaType: string) =
                    content |> List.exists (fun pair -> pair.Key.StartsWith mediaType)

                // A picture's own bytes before its base64.
                if takes "image/" || takes "application/octet-stream" then
                    [ "--data-binary"; "@picture.jpg" ]
                elif takes "multipart/form-data" then
                    [ "--form"; "file=@picture.jpg" ]
                else
                    content
                    |> List.tryPick (fun pair -> exampleOf pair.Value)
                    |> Option.map (fun example -> [ "--json"; quoted (example.ToJsonString()) ])
                    |> Option.defaultValue []

        let verb =
            match call.Method, body with
            | "GET", _ -> []
            | "POST", _ :: _ -> []
            | verb, _ -> [ "-X"; verb ]

        String.Join(' ', "curl" :: verb @ body @ [ quoted (origin + path) ])
