/// The API's document is true: its examples and the node's answers match its schemas.
module Tests.Expecto.Web.OpenApiSchemasTests

open System
open System.Text.Json.Nodes
open Expecto
open Tests.Expecto
open NJsonSchema
open Tests.Expecto.Web.OpenApiTests

let private node (parent: JsonNode | null) (path: string list) =
    (Unchecked.nonNull parent, path)
    ||> List.fold (fun parent name ->
        match parent[name] with
        | NonNull child -> child
        | _ -> failtest $"The document has no '{name}' in {parent.ToJsonString()}.")

let private documentOf web : Threading.Tasks.Task<JsonNode> =
    task {
        let! text = text web
        return JsonNode.Parse text |> Unchecked.nonNull
    }

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

        let place =
            $"paths {path} {method} responses {status} content {Http.mediaType answer} schema"

        let schema = node document (List.ofArray (place.Split ' '))

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
    testTask "the document's examples match its schemas" {
        use! web = WebUnderTest.Start []
        let! document = documentOf web
        let all = examples document
        Expect.isGreaterThan all.Length 20 "there are some"

        for name, schema, example in all do
            let! schema = schemaOf document schema
            let wrong = schema.Validate(example.ToJsonString())
            Expect.isEmpty (wrong |> Seq.map string |> List.ofSeq) name
    }

let private trueAnswers =
    testTask "the node's responses match the document" {
        use! web = serve []
        let! document = documentOf web
        let conforms = conforms document
        let picture () = Some(Http.body (Picture.png 100))
        let model = "/v2/models/squeezenet1_1"

        let two () =
            Http.files "file" [ "a.png", Picture.png 100; "b.txt", "nonsense"B ]

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
                "get", "/api/workers/{address}", $"/api/workers/{web.Worker.Address}", None, 200
                "get", "/api/workers/{address}", "/api/workers/nonsense", None, 400
                "put", "/api/workers/{address}", $"/api/workers/{web.Worker.Address}", None, 200
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
                "post", "/v2/models/{model}/versions/{version}/infer", $"{model}/versions/1/infer", Some(label ()), 200
                "post", "/v2/models/{model}/infer", $"{model}/infer", Some(Http.body "{}"B), 400
                "post", "/api/workers/{address}/drain", $"/api/workers/{web.Worker.Address}/drain", None, 200
                "post", "/api/workers/{address}/resume", $"/api/workers/{web.Worker.Address}/resume", None, 200
                "post", "/api/workers/{address}/probe", $"/api/workers/{web.Worker.Address}/probe", None, 200
                "post", "/api/workers/{address}/probe", "/api/workers/192.0.2.1:1/probe", None, 404
                "get", "/health/live", "/health/live", None, 200
                "get", "/health/ready", "/health/ready", None, 200
                "delete", "/api/workers/{address}", $"/api/workers/{web.Worker.Address}", None, 200
                "delete", "/api/workers/{address}", $"/api/workers/{web.Worker.Address}", None, 404
                "get", "/v2/health/ready", "/v2/health/ready", None, 503
                "post", "/api/classify", "/api/classify", picture (), 503
            ] do
            let! answer = web.Send(method.ToUpperInvariant(), asked, [], body)
            Expect.equal (Http.status answer) status $"{method} {asked}"
            do! conforms method path answer
    }

/// A schema that lets everything through would prove nothing.
let private sharp =
    testTask "the schemas reject invalid documents" {
        use! web = WebUnderTest.Start []
        let! document = documentOf web
        let schema = node document [ "components"; "schemas"; "Worker" ]
        let! schema = schemaOf document schema

        let good =
            """{"address":"a:1","state":"active","next":true,"retryAt":null,"uses":0,"failures":0,"inFlight":0,"median":null,"lastError":null,"lastErrorAt":null,"models":[]}"""

        Expect.isEmpty (schema.Validate good) "good"
        Expect.isNonEmpty (schema.Validate(good.Replace("\"uses\":0,", ""))) "a member is missing"
        Expect.isNonEmpty (schema.Validate(good.Replace("\"uses\":0,", "\"uses\":\"0\","))) "a wrong kind"
        Expect.isNonEmpty (schema.Validate(good.Replace("\"state\":\"active\",", "\"state\":null,"))) "never null"
    }

let tests = testList "OpenApiSchemas" [ trueExamples; trueAnswers; sharp ]
