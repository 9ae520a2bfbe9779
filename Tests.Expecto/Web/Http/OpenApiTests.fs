/// The API's document: whole, valid, and true.
module Tests.Expecto.Web.OpenApiTests

open System
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open Expecto
open Microsoft.AspNetCore.Http.Metadata
open Microsoft.AspNetCore.Routing
open Microsoft.Extensions.DependencyInjection
open Microsoft.OpenApi
open NJsonSchema

let private text (web: WebUnderTest) =
    task {
        let! answer = web.Send("GET", "/openapi/v1.json")
        Expect.equal (Http.status answer) 200 "there"
        return! Http.text answer
    }

/// The document as its makers' own reader understands it.
let private read (web: WebUnderTest) =
    task {
        let! text = text web
        let result = OpenApiDocument.Parse(text, "json")
        let diagnostic = Unchecked.nonNull result.Diagnostic
        Expect.isEmpty (diagnostic.Errors |> Seq.map string |> List.ofSeq) "no errors"
        Expect.isEmpty (diagnostic.Warnings |> Seq.map string |> List.ofSeq) "no warnings"
        Expect.equal diagnostic.SpecificationVersion OpenApiSpecVersion.OpenApi3_1 "OpenAPI 3.1"
        return Unchecked.nonNull result.Document
    }

let private once =
    testCaseTask "the document is made once"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let cached = web.Services.GetRequiredService<Web.Giraffe.Api.CachedDocument>()
            let! before = cached.Document
            let! first = text web
            let! second = text web
            Expect.equal second first "the same"
            let! page = web.Send("GET", "/docs")
            Expect.equal (Http.status page) 200 "the page"
            let! after = cached.Document
            Expect.isTrue (obj.ReferenceEquals(before, after)) "the same object"
        }

let private valid =
    testCaseTask "the document is valid OpenAPI 3.1 according to Microsoft's reader"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let! document = read web
            let errors = document.Validate(ValidationRuleSet.GetDefaultRuleSet())
            Expect.isEmpty (errors |> Seq.map string |> List.ofSeq) "by the rules"
            Expect.equal document.Info.Title "Recognition" "its name"
        }

/// Every method and path that is mapped, with the names that the document gives to segments taken away.
let private mapped (web: WebUnderTest) =
    [
        for endpoint in web.Services.GetRequiredService<EndpointDataSource>().Endpoints do
            match endpoint with
            | :? RouteEndpoint as endpoint ->
                match endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() with
                | NonNull methods ->
                    for method in methods.HttpMethods do
                        method, Regex.Replace(string endpoint.RoutePattern.RawText, "{[^}]+}", "{}")
                | _ -> ()
            | _ -> ()
    ]

/// Not the API's: the pages, their pictures, and the document itself.
let private isApi (method: string, path: string) =
    method <> "HEAD"
    && not (path.EndsWith "/classes")
    && (path = "/api"
        || List.exists
            (fun (prefix: string) -> path.StartsWith prefix)
            [ "/api/"; "/health/"; "/models/"; "/v1"; "/v2" ])

let private whole =
    testCaseTask "the document has exactly the API's routes"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let! document = read web

            let described =
                [
                    for KeyValue(path, item) in document.Paths do
                        for KeyValue(method, operation) in Unchecked.nonNull item.Operations do
                            let where = $"{method} {path}"
                            Expect.isNotEmpty (string operation.Summary) $"{where} has a summary"
                            Expect.isNotEmpty (string operation.OperationId) $"{where} has a name"
                            Expect.isFalse (path.Contains "{s0}") $"{where} names its segments"
                            string method, Regex.Replace(path, "{[^}]+}", "{}")
                ]

            let tags = set [ for tag in Unchecked.nonNull document.Tags -> string tag.Name ]

            Expect.equal
                tags
                (set [ "pictures"; "models"; "inference"; "workers"; "health" ])
                "no tag without a word on it"

            Expect.equal (List.sort described) (mapped web |> List.filter isApi |> List.sort) "the same"
        }

let private node (parent: JsonNode | null) (path: string list) =
    (Unchecked.nonNull parent, path)
    ||> List.fold (fun parent name ->
        match parent[name] with
        | NonNull child -> child
        | _ -> failtest $"The document has no '{name}' in {parent.ToJsonString()}.")

/// A schema of the document that stands alone: what it refers to goes with it.
let private schemaOf (document: JsonNode) (schema: JsonNode) =
    let alone = JsonObject()
    alone["allOf"] <- JsonArray(schema.DeepClone())
    alone["definitions"] <- (node document [ "components"; "schemas" ]).DeepClone()
    JsonSchema.FromJsonAsync(alone.ToJsonString().Replace("#/components/schemas/", "#/definitions/"))

/// The answer is one that the document promises for this operation.
let conforms (document: JsonNode) method path (answer: Net.Http.HttpResponseMessage) =
    task {
        let status = string (int answer.StatusCode)

        let schema =
            node
                document
                [
                    "paths"
                    path
                    method
                    "responses"
                    status
                    "content"
                    Http.mediaType answer
                    "schema"
                ]

        let! schema = schemaOf document schema
        let! text = Http.text answer
        let wrong = schema.Validate text
        Expect.isEmpty (wrong |> Seq.map string |> List.ofSeq) $"{method} {path} {status}: {text}"
    }

let private examples (document: JsonNode) =
    [
        for path in (node document [ "paths" ]).AsObject() do
            for operation in (Unchecked.nonNull path.Value).AsObject() do
                for reply in (node operation.Value [ "responses" ]).AsObject() do
                    match (Unchecked.nonNull reply.Value)["content"] with
                    | NonNull content ->
                        for media in content.AsObject() do
                            match (Unchecked.nonNull media.Value)["examples"] with
                            | NonNull examples ->
                                for example in examples.AsObject() do
                                    $"{operation.Key} {path.Key} {reply.Key} {example.Key}",
                                    node media.Value [ "schema" ],
                                    node example.Value [ "value" ]
                            | _ -> ()
                    | _ -> ()
    ]

let private trueExamples =
    testCaseTask "the document's examples match its schemas"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let! text = text web
            let document = JsonNode.Parse text |> Unchecked.nonNull
            let all = examples document
            Expect.isGreaterThan all.Length 20 "there are some"

            for name, schema, example in all do
                let! schema = schemaOf document schema
                let wrong = schema.Validate(example.ToJsonString())
                Expect.isEmpty (wrong |> Seq.map string |> List.ofSeq) name
        }

let private trueAnswers =
    testCaseTask "the node's responses match the document"
    <| fun () ->
        task {
            use worker = TestWorker.good ()
            use! web = WebUnderTest.Start [ worker.Address ]
            let! text = text web
            let document = JsonNode.Parse text |> Unchecked.nonNull
            let conforms = conforms document
            let picture () = Some(Http.body (Picture.png 100))
            let model = "/v2/models/squeezenet1_1"

            let two () : Net.Http.HttpContent =
                let form = new Net.Http.MultipartFormDataContent()
                form.Add(Http.part "a.png" (Picture.png 100))
                form.Add(Http.part "b.txt" "nonsense"B)
                form

            let label () =
                let data = Convert.ToBase64String(Picture.png 100)

                let input =
                    $$$"""{"name":"image","shape":[1],"datatype":"BYTES","data":["{{{data}}}"]}"""

                Http.body (Text.Encoding.UTF8.GetBytes($$"""{"inputs":[{{input}}],"outputs":[{"name":"label"}]}"""))

            for method, path, asked, body, status in
                [
                    "post", "/api/classify", "/api/classify", picture (), 200
                    "post", "/api/classify", "/api/classify?top=0", picture (), 400
                    "post", "/api/classify", "/api/classify", Some(Http.body "nonsense"B), 415
                    "get", "/api/workers", "/api/workers", None, 200
                    "get", "/api/workers/{address}", $"/api/workers/{worker.Address}", None, 200
                    "get", "/api/workers/{address}", "/api/workers/nonsense", None, 400
                    "put", "/api/workers/{address}", $"/api/workers/{worker.Address}", None, 200
                    "put", "/api/workers/{address}", "/api/workers/192.0.2.1:1", None, 403
                    "post", "/api/classify/batch", "/api/classify/batch", Some(two ()), 200
                    "post", "/models/{model}", "/models/squeezenet1_1", picture (), 200
                    "post", "/models/{model}", "/models/other", picture (), 404
                    "get", "/api/models", "/api/models", None, 200
                    "get", "/api", "/api", None, 200
                    "get", "/v2", "/v2", None, 200
                    "get", "/v2/health/live", "/v2/health/live", None, 200
                    "get", "/v2/health/ready", "/v2/health/ready", None, 200
                    "get", "/v2/models/{model}", $"{model}", None, 200
                    "get", "/v2/models/{model}", "/v2/models/other", None, 404
                    "get", "/v2/models/{model}/versions/{version}", $"{model}/versions/1", None, 200
                    "get", "/v2/models/{model}/ready", $"{model}/ready", None, 200
                    "post", "/v2/models/{model}/infer", $"{model}/infer", Some(label ()), 200
                    "post",
                    "/v2/models/{model}/versions/{version}/infer",
                    $"{model}/versions/1/infer",
                    Some(label ()),
                    200
                    "post", "/v2/models/{model}/infer", $"{model}/infer", Some(Http.body "{}"B), 400
                    "post", "/api/workers/{address}/drain", $"/api/workers/{worker.Address}/drain", None, 200
                    "post", "/api/workers/{address}/resume", $"/api/workers/{worker.Address}/resume", None, 200
                    "post", "/api/workers/{address}/probe", $"/api/workers/{worker.Address}/probe", None, 200
                    "post", "/api/workers/{address}/probe", "/api/workers/192.0.2.1:1/probe", None, 404
                    "get", "/health/live", "/health/live", None, 200
                    "get", "/health/ready", "/health/ready", None, 200
                    "delete", "/api/workers/{address}", $"/api/workers/{worker.Address}", None, 200
                    "delete", "/api/workers/{address}", $"/api/workers/{worker.Address}", None, 404
                    "get", "/v2/health/ready", "/v2/health/ready", None, 503
                    "post", "/api/classify", "/api/classify", picture (), 503
                ] do
                let! answer = web.Send(method.ToUpperInvariant(), asked, [], body)
                Expect.equal (Http.status answer) status $"{method} {asked}"
                do! conforms method path answer
        }

/// A schema that lets everything through would prove nothing.
let private sharp =
    testCaseTask "the schemas reject invalid documents"
    <| fun () ->
        task {
            use! web = WebUnderTest.Start []
            let! text = text web
            let document = JsonNode.Parse text |> Unchecked.nonNull
            let schema = node document [ "components"; "schemas"; "Worker" ]
            let! schema = schemaOf document schema

            let good =
                """{"address":"a:1","state":"active","next":true,"retryAt":null,"uses":0,"failures":0,"inFlight":0,"median":null,"lastError":null,"lastErrorAt":null,"models":[]}"""

            Expect.isEmpty (schema.Validate good) "good"
            Expect.isNonEmpty (schema.Validate(good.Replace("\"uses\":0,", ""))) "a member is missing"
            Expect.isNonEmpty (schema.Validate(good.Replace("\"uses\":0,", "\"uses\":\"0\","))) "a wrong kind"
            Expect.isNonEmpty (schema.Validate(good.Replace("\"state\":\"active\",", "\"state\":null,"))) "never null"
        }

let tests =
    testList "OpenApi" [ valid; once; whole; trueExamples; trueAnswers; sharp ]
