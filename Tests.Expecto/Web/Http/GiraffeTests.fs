/// The slice of Giraffe, by what Giraffe's documentation promises of it.
module Tests.Expecto.Web.GiraffeTests

open System.Net.Http
open Expecto
open Tests.Expecto
open Giraffe
open Giraffe.EndpointRouting
open Giraffe.ViewEngine
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Routing
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging

let private said (text: string) : HttpHandler =
    handleContext (fun context ->
        task {
            do! context.Response.WriteAsync text
            return Some context
        })

let private marked (text: string) : HttpHandler =
    fun next context ->
        context.Response.Headers.Append("X-Mark", text)
        next context

let private declined: HttpHandler = fun _ _ -> skipPipeline

/// The answer of a host that has only these endpoints.
let private ask endpoints (method: string) (path: string) =
    task {
        let builder = WebApplication.CreateSlimBuilder()
        builder.Logging.ClearProviders() |> ignore
        builder.Services.AddRouting() |> ignore
        builder.WebHost.UseUrls "http://127.0.0.1:0" |> ignore
        use app = builder.Build()
        app.MapGiraffeEndpoints endpoints
        do! app.StartAsync()
        use client = new HttpClient()
        use request = new HttpRequestMessage(HttpMethod method, Seq.head app.Urls + path)
        let! answer = client.SendAsync request
        let! text = Http.text answer
        do! app.StopAsync()
        return answer, text
    }

let private answers endpoints method path status text =
    task {
        let! answer, said = ask endpoints method path
        Expect.equal (Http.status answer) status $"{method} {path}"
        Expect.equal said text $"{method} {path}"
    }

let private routes =
    [
        GET [ route "/" (said "home"); routef "/say/%s" (fun word -> said $"<{word}>") ]
        POST [ route "/" (said "posted") ]
        PUT [ route "/thing" (said "put") ]
        DELETE [ route "/thing" (said "deleted") ]
        GET_HEAD [ route "/both" (said "both") ]
        route "/any" (said "any")
        GET
            [
                routef "/pair/%s/of/%s" (fun (first, second) -> said $"<{first}> <{second}>")
                |> addMetadata "about a pair"
            ]
        GET [ route "/declined" declined ]
        applyBefore (marked "outer") (GET [ applyBefore (marked "inner") (route "/marked" (said "m")) ])
    ]

let tests =
    testList
        "Giraffe"
        [
            testTask "a route answers its own methods only" {
                do! answers routes "GET" "/" 200 "home"
                do! answers routes "POST" "/" 200 "posted"
                do! answers routes "PUT" "/thing" 200 "put"
                do! answers routes "DELETE" "/thing" 200 "deleted"
                do! answers routes "PATCH" "/any" 200 "any"
                do! answers routes "PUT" "/" 405 ""
                do! answers routes "HEAD" "/both" 200 ""
                do! answers routes "HEAD" "/" 405 ""
            }

            testTask "routef takes one decoded segment" {
                do! answers routes "GET" "/say/a%20b" 200 "<a b>"
                do! answers routes "GET" "/say/h%C3%A9:1" 200 "<hé:1>"
                do! answers routes "GET" "/say/a%2Fb" 200 "<a/b>"
                do! answers routes "GET" "/say/a/b" 404 ""
                do! answers routes "GET" "/say/" 404 ""
                do! answers routes "GET" "/pair/a%20b/of/c%2Fd" 200 "<a b> <c/d>"
            }

            testTask "metadata belong to their own endpoint only" {
                use app = WebApplication.CreateSlimBuilder().Build()
                app.MapGiraffeEndpoints routes

                let carrying =
                    [
                        for source in (app :> IEndpointRouteBuilder).DataSources do
                            for endpoint in source.Endpoints do
                                if endpoint.Metadata.GetMetadata<string>() = "about a pair" then
                                    (endpoint :?> RouteEndpoint).RoutePattern.RawText
                    ]

                Expect.equal carrying [ "/pair/{s0}/of/{s1}" ] "the one"
            }

            testTask "a handler that declines is a 404" { do! answers routes "GET" "/declined" 404 "" }

            testTask "applyBefore runs the outer handler first" {
                let! answer, _ = ask routes "GET" "/marked"
                Expect.equal (Http.header "X-Mark" answer) "outer, inner" "in that order"
            }

            testTask "composed handlers run from left to right until one declines" {
                let path handler = [ GET [ route "/x" handler ] ]

                let! answer, text =
                    ask (path (setStatusCode 418 >=> setHttpHeader "X-A" 7 >=> said "tea")) "GET" "/x"

                Expect.equal (Http.status answer, Http.header "X-A" answer, text) (418, "7", "tea") "all three"
                do! answers (path (declined >=> said "never")) "GET" "/x" 404 ""
            }

            testTask "json is camelCase, and a view is an escaped document" {
                let path handler = [ GET [ route "/x" handler ] ]
                let! answer, text = ask (path (json {| SomeName = "a" |})) "GET" "/x"
                Expect.equal (Http.mediaType answer, text) ("application/json", """{"someName":"a"}""") "JSON"
                let! answer, text = ask (path (htmlView (p [] [ str "<b>&" ]))) "GET" "/x"
                Expect.equal (Http.mediaType answer) "text/html" "HTML"
                Expect.stringEnds text "<p>&lt;b&gt;&amp;</p>" "escaped"
                Expect.stringStarts text "<!DOCTYPE html>" "a document"
            }
        ]
