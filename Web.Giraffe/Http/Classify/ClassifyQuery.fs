/// The options of a classify request: `?top=k&explain=true`, and the header `traceparent`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyQuery

open System
open System.Diagnostics
open System.Globalization
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Primitives
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Api

let private mostClasses = 1000

/// The query parameters of a classify request.
let parameters =
    [
        Parameter.whole "top" 1 mostClasses "How many classes, most probable first; five where it is not said."
        Parameter.text "model" "The model, as `id` or `id@version`; the default one where it is not named."
        Parameter.flag "explain" "Whether to say where in the picture each class was seen."
    ]

let badTop =
    Problem.create 400 "No such number of classes" $"'top' is a whole number from 1 to {mostClasses}."

let badExplain =
    Problem.create 400 "No such explanation" "'explain' is true or false."

let badModel =
    Problem.create
        400
        "No such model name"
        "'model' is a model's id, or id@version: lower-case letters, digits, dots, underscores and hyphens."

// If this node exports no spans, the sampled flag is the caller's, who must not switch on the workers' sampling.
let private unsampled (traceparent: string) =
    if WorkersSpans.areExported () then
        traceparent
    else
        traceparent.Substring(0, traceparent.Length - 2) + "00"

/// Returns options with only the request's trace: if the request has one, or if it appears in exported spans or in a
/// log.
let trace (context: HttpContext) : ClassifyOptions =
    let brought = not (StringValues.IsNullOrEmpty context.Request.Headers.TraceParent)

    let logged () =
        Telemetry.logsTraces (context.RequestServices.GetRequiredService<IConfiguration>())

    match Activity.Current with
    | NonNull activity when
        activity.IdFormat = ActivityIdFormat.W3C
        && (brought || activity.Recorded || logged ())
        ->
        { ClassifyOptions.None with
            Trace = activity.Id |> ValueOption.ofObj |> ValueOption.map unsampled
        }
    | _ -> ClassifyOptions.None

let private top (text: string) =
    match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
    | _ when text = "" -> Ok ValueNone
    | true, count when count >= 1 && count <= mostClasses -> Ok(ValueSome count)
    | _ -> Error badTop

/// Parses a model's name; empty text means the default model.
let model (text: string) : Result<ModelName voption, Problem> =
    match ModelName.tryParse text with
    | _ when text = "" -> Ok ValueNone
    | ValueSome name -> Ok(ValueSome name)
    | ValueNone -> Error badModel

let private explain (text: string) =
    match Boolean.TryParse text with
    | _ when text = "" -> Ok false
    | true, wanted -> Ok wanted
    | _ -> Error badExplain

let options (context: HttpContext) : Result<ClassifyOptions, Problem> =
    let asked (name: string) = string context.Request.Query[name]

    match top (asked "top"), explain (asked "explain"), model (asked "model") with
    | Ok top, Ok explain, Ok model ->
        Ok
            { trace context with
                Top = top
                Explain = explain
                Model = model
            }
    | Error problem, _, _
    | _, Error problem, _
    | _, _, Error problem -> Error problem
