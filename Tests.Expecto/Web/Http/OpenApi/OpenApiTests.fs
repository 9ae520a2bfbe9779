/// The API's document is complete and valid.
module Tests.Expecto.Web.OpenApiTests

open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Microsoft.AspNetCore.Http.Metadata
open Microsoft.AspNetCore.Routing
open Microsoft.Extensions.DependencyInjection
open Microsoft.OpenApi

let internal text (web: WebUnderTest) =
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
    testTask "the document is made once" {
        use! web = WebUnderTest.Start []
        let cached = web.Services.GetRequiredService<Web.Giraffe.Api.CachedDocument>()
        let! before = cached.Document
        let! first = text web
        let! second = text web
        Expect.equal second first "the same"
        do! Http.returns 200 "the page" (web.Send("GET", "/docs"))
        let! after = cached.Document
        Expect.isTrue (obj.ReferenceEquals(before, after)) "the same object"
    }

let private valid =
    testTask "the document is valid OpenAPI 3.1 according to Microsoft's reader" {
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
    testTask "the document has exactly the API's routes" {
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

        Expect.equal tags (set [ "pictures"; "models"; "inference"; "workers"; "health" ]) "no tag without a word on it"

        Expect.equal (List.sort described) (mapped web |> List.filter isApi |> List.sort) "the same"
    }

let tests = testList "OpenApi" [ valid; once; whole ]
