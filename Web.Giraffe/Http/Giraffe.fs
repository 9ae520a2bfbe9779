// The part of Giraffe's public API that this host uses, on ASP.NET Core's endpoint routing. Our builds can't restore
// the package `Giraffe` from their registry. Where it is available, delete this file and keep every `open Giraffe`; no
// other file changes.
namespace Giraffe

open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe.ViewEngine

type HttpFuncResult = Task<HttpContext option>

/// The rest of the pipeline: returns `Some` if the request was answered, `None` to decline it.
type HttpFunc = HttpContext -> HttpFuncResult

/// A step of the pipeline: answers, declines, or changes something and calls the next.
type HttpHandler = HttpFunc -> HttpFunc

[<AutoOpen>]
module Core =
    let earlyReturn: HttpFunc = Some >> Task.FromResult

    let skipPipeline: HttpFuncResult = Task.FromResult None

    let compose (first: HttpHandler) (second: HttpHandler) : HttpHandler =
        fun final ->
            let both = first (second final)

            fun context ->
                if context.Response.HasStarted then
                    final context
                else
                    both context

    let (>=>) = compose

    let handleContext (contextMap: HttpContext -> HttpFuncResult) : HttpHandler =
        fun next context ->
            task {
                match! contextMap context with
                | Some context -> return! next context
                | None -> return None
            }

    let setStatusCode (statusCode: int) : HttpHandler =
        fun next context ->
            context.Response.StatusCode <- statusCode
            next context

    let setHttpHeader (key: string) (value: obj) : HttpHandler =
        fun next context ->
            context.Response.Headers[key] <- Microsoft.Extensions.Primitives.StringValues(string value)
            next context

    /// Writes the object as JSON, camelCase, `application/json`.
    let json<'T> (dataObj: 'T) : HttpHandler =
        handleContext (fun context ->
            task {
                do! context.Response.WriteAsJsonAsync(dataObj, context.RequestAborted)
                return Some context
            })

    /// Writes the document with its doctype, `text/html; charset=utf-8`.
    let htmlView (htmlView: XmlNode) : HttpHandler =
        handleContext (fun context ->
            task {
                let bytes = RenderView.AsBytes.htmlDocument htmlView
                context.Response.ContentType <- "text/html; charset=utf-8"
                context.Response.ContentLength <- bytes.LongLength
                do! context.Response.Body.WriteAsync(bytes, context.RequestAborted)
                return Some context
            })

namespace Giraffe.EndpointRouting

open System
open System.Runtime.CompilerServices
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Routing
open Giraffe

/// Configures an endpoint when it is mapped, including its metadata.
type ConfigureEndpoint = IEndpointConventionBuilder -> IEndpointConventionBuilder

/// One route, or several that share a setting.
type Endpoint =
    private
    | Single of methods: string list * template: string * handler: HttpHandler * configure: ConfigureEndpoint
    | Several of Endpoint list

[<AutoOpen>]
module Routers =
    let rec private forMethods names =
        function
        | Single(_, template, handler, configure) -> Single(names, template, handler, configure)
        | Several endpoints -> Several(List.map (forMethods names) endpoints)

    let GET endpoints =
        forMethods [ "GET" ] (Several endpoints)

    let POST endpoints =
        forMethods [ "POST" ] (Several endpoints)

    let PUT endpoints =
        forMethods [ "PUT" ] (Several endpoints)

    let DELETE endpoints =
        forMethods [ "DELETE" ] (Several endpoints)

    let GET_HEAD endpoints =
        forMethods [ "GET"; "HEAD" ] (Several endpoints)

    let route (path: string) (handler: HttpHandler) = Single([], path, handler, id)

    /// Maps a route with one `%s`, or with two for a pair. Each is a whole segment of the path, decoded.
    let routef (path: PrintfFormat<_, _, _, _, 'T>) (routeHandler: 'T -> HttpHandler) =
        let pieces = path.Value.Split "%s"

        let template =
            pieces
            |> Seq.mapi (fun index piece -> if index = 0 then piece else $"{{s{index - 1}}}{piece}")
            |> String.concat ""

        // ASP.NET Core does not decode an encoded slash, because it does not separate segments.
        let value (context: HttpContext) (index: int) =
            (string context.Request.RouteValues[$"s{index}"]).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)

        let values: HttpContext -> obj =
            match pieces.Length with
            | 2 -> fun context -> value context 0 :> obj
            | 3 -> fun context -> (value context 0, value context 1) :> obj
            | _ -> invalidArg (nameof path) "A route has one or two '%s'."

        Single([], template, (fun next context -> routeHandler (values context :?> 'T) next context), id)

    /// Puts a handler in front of every route of the endpoint.
    let rec applyBefore (httpHandler: HttpHandler) =
        function
        | Single(methods, template, handler, configure) -> Single(methods, template, httpHandler >=> handler, configure)
        | Several endpoints -> Several(List.map (applyBefore httpHandler) endpoints)

    let rec configureEndpoint (f: ConfigureEndpoint) =
        function
        | Single(methods, template, handler, configure) -> Single(methods, template, handler, configure >> f)
        | Several endpoints -> Several(List.map (configureEndpoint f) endpoints)

    let addMetadata (metadata: obj) : Endpoint -> Endpoint =
        configureEndpoint _.WithMetadata(metadata)

[<Extension>]
type EndpointRouteBuilderExtensions =
    /// Maps the endpoints. If a handler declines, the status is 404, unless the handler set another.
    [<Extension>]
    static member MapGiraffeEndpoints(builder: IEndpointRouteBuilder, endpoints: Endpoint list) : unit =
        let rec map =
            function
            | Several endpoints -> List.iter map endpoints
            | Single(methods, template, handler, configure) ->
                let pipeline = handler earlyReturn

                let delegated (context: HttpContext) : Task =
                    task {
                        match! pipeline context with
                        | Some _ -> ()
                        | None when not context.Response.HasStarted && context.Response.StatusCode = 200 ->
                            context.Response.StatusCode <- 404
                        | None -> ()
                    }

                let mapped: IEndpointConventionBuilder =
                    match methods with
                    | [] -> builder.Map(template, RequestDelegate delegated)
                    | methods -> builder.MapMethods(template, methods, RequestDelegate delegated)

                configure mapped |> ignore

        List.iter map endpoints
