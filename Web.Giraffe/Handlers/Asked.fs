/// What a request asks for beside the names: `?top=k&explain=true`, and the header `traceparent`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.Asked

open System
open System.Diagnostics
open System.Globalization
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives
open Web.Giraffe

/// Nothing but the request's own trace, where it brought one.
let trace (context: HttpContext) : Wishes =
    let brought = not (StringValues.IsNullOrEmpty context.Request.Headers.TraceParent)

    match Activity.Current with
    | NonNull activity when brought && activity.IdFormat = ActivityIdFormat.W3C ->
        { Wishes.None with
            Trace = ValueOption.ofObj activity.Id
        }
    | _ -> Wishes.None

let private top (text: string) =
    match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
    | _ when text = "" -> Ok ValueNone
    | true, count when count >= 1 && count <= 1000 -> Ok(ValueSome count)
    | _ -> Error(Problem.create 400 "No such number of classes" "'top' is a whole number from 1 to 1000.")

let private explain (text: string) =
    match Boolean.TryParse text with
    | _ when text = "" -> Ok false
    | true, wanted -> Ok wanted
    | _ -> Error(Problem.create 400 "No such explanation" "'explain' is true or false.")

let wishes (context: HttpContext) : Result<Wishes, Problem> =
    let asked (name: string) = string context.Request.Query[name]

    match top (asked "top"), explain (asked "explain") with
    | Ok top, Ok explain ->
        Ok
            { trace context with
                Top = top
                Explain = explain
            }
    | Error problem, _
    | _, Error problem -> Error problem
