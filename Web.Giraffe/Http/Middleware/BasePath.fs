namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Text.RegularExpressions
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe
open Giraffe.ViewEngine

/// The path below which a proxy publishes the node: `/app` for `https://example.com/app/`. Handlers, views and scripts
/// work with paths from the node's own root; the base is added to addresses in responses.
[<RequireQualifiedAccess>]
module BasePath =
    let private form =
        Regex(@"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$", RegexOptions.NonBacktracking)

    let isValid (path: string) = path.Length <= 256 && form.IsMatch path

    /// Takes the base off the request's path, whether or not the proxy has done so. `X-Forwarded-Prefix` of a trusted
    /// proxy, which the middleware before this one has read, replaces `configured`.
    let apply (configured: string option) (context: HttpContext) (next: RequestDelegate) : Task =
        let request = context.Request
        let forwarded = request.PathBase.ToString().TrimEnd '/'

        let path =
            if isValid forwarded then
                PathString forwarded
            else
                configured |> Option.map PathString |> Option.defaultValue PathString.Empty

        request.PathBase <- path
        let mutable rest = PathString.Empty

        if path.HasValue && request.Path.StartsWithSegments(path, &rest) then
            request.Path <- if rest.HasValue then rest else PathString "/"

        next.Invoke context

    let ofContext (context: HttpContext) : string = context.Request.PathBase.ToString()

    let private addresses = set [ "href"; "src"; "action"; "formaction" ]

    let private isOwn (value: string) =
        value.StartsWith '/' && not (value.StartsWith "//")

    let private attribute (path: string) =
        function
        | KeyValue(name, NonNull value) when addresses.Contains name && isOwn value -> KeyValue(name, path + value)
        | other -> other

    let private element (path: string) (name: string, attributes: XmlAttribute[]) : XmlElement =
        let attributes = Array.map (attribute path) attributes
        // The scripts' addresses need it, too.
        name,
        (if name = "html" then
             Array.append attributes [| KeyValue("data-base", path) |]
         else
             attributes)

    let rec private add (path: string) =
        function
        | ParentNode(start, children) -> ParentNode(element path start, List.map (add path) children)
        | VoidElement start -> VoidElement(element path start)
        | Text text -> Text text

    /// Writes a page whose addresses lead back through the proxy.
    let view (page: XmlNode) : HttpHandler =
        fun next context ->
            match ofContext context with
            | "" -> htmlView page next context
            | path -> htmlView (add path page) next context

    /// Redirects to a path of the node.
    let redirect (status: int) (path: string) : HttpHandler =
        fun next context -> (setStatusCode status >=> setHttpHeader "Location" (ofContext context + path)) next context
