namespace Web.Giraffe.Api

open System
open System.Buffers
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Unicode
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.OpenApi
open Microsoft.Extensions.DependencyInjection
open Microsoft.OpenApi

/// The API's OpenAPI document. It is made once: only the base path differs between requests.
[<Sealed>]
type CachedDocument(services: IServiceProvider) =
    let writing =
        JsonWriterOptions(Encoder = JavaScriptEncoder.Create UnicodeRanges.All, Indented = true)

    let made =
        lazy
            (task {
                let provider =
                    services.GetRequiredKeyedService<IOpenApiDocumentProvider> Document.Name

                let! document = provider.GetOpenApiDocumentAsync CancellationToken.None

                let! json =
                    document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, CancellationToken.None)

                return document, JsonDocument.Parse json
            })

    let writeServers (json: Utf8JsonWriter) (basePath: string) =
        json.WriteStartArray "servers"
        json.WriteStartObject()
        json.WriteString("url", (if basePath = "" then "/" else basePath))
        json.WriteEndObject()
        json.WriteEndArray()

    /// Returns the document, which must not be changed.
    member _.Document: Task<OpenApiDocument> =
        task {
            let! document, _ = made.Value
            return document
        }

    /// Returns the JSON for a node below `basePath`.
    member _.Json(basePath: string) : Task<ReadOnlyMemory<byte>> =
        task {
            let! _, parsed = made.Value
            let buffer = ArrayBufferWriter<byte>()
            use json = new Utf8JsonWriter(buffer, writing)
            json.WriteStartObject()

            for part in parsed.RootElement.EnumerateObject() do
                if part.Name = "servers" then
                    writeServers json basePath
                else
                    part.WriteTo json

            json.WriteEndObject()
            json.Flush()
            return buffer.WrittenMemory
        }
