/// The options of a classify request: from its query, its form or its JSON, and the header `traceparent`.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyQuery

open System
open System.Diagnostics
open System.Globalization
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Primitives
open Protocol.Core
open Node.Hosting.Settings
open Web.Giraffe
open Web.Giraffe.Api

/// The given options: the texts by the option's name.
type GivenOptions = Map<string, string list>

let private mostClasses = ClassifyRequest.mostClasses

/// The query parameters of a classify request, except the model.
let filters =
    [
        Parameter.whole "top" 1 mostClasses "The number of classes, most probable first; 5 by default."
        Parameter.flag "explain" "Whether to return where in the picture each class was recognized."
        Parameter.fraction "threshold" "The least probability of a class in the answer."
        Parameter.texts
            "labels"
            "The classes to return, by name or number, comma-separated: with their probabilities, however low. Without `top`, all of them are returned."
    ]

/// The query parameters of a classify request.
let parameters =
    Parameter.text "model" "The model, as `id` or `id@version`; the default model if it is left out."
    :: filters

let names = parameters |> List.map _.Name

let badTop =
    Problem.create 400 "No such number of classes" $"'top' is a whole number from 1 to {mostClasses}."

let badExplain =
    Problem.create 400 "No such explanation" "'explain' is true or false."

let badModel =
    Problem.create
        400
        "No such model name"
        "'model' is a model's id, or id@version: lower-case letters, digits, dots, underscores and hyphens."

let badThreshold =
    Problem.create 400 "No such threshold" "'threshold' is a probability from 0 to 1, such as 0.1."

/// The problem of an option with an unknown name. `kind` names its source.
let unknown (kind: string) (known: string seq) (name: string) =
    let shown = Problem.shorten name

    let hint =
        NearestName.Hint(shown, known)
        |> Option.ofObj
        |> Option.defaultWith (fun () -> "There are: " + String.Join(", ", known) + ".")

    Problem.create 400 "No such option" $"There is no {kind} '{shown}'. {hint}"

let private twice (name: string) =
    Problem.create 400 "Option given twice" $"'{name}' is given more than once. Send it once."

// More than a form needs to have 1,000 names in fields of their own.
let private mostOfLabels = 65_536

/// Adds texts of an option; `labels` may come several times.
let add (kind: string) (name: string) (texts: string list) (given: GivenOptions) : Result<GivenOptions, Problem> =
    let key = name.ToLowerInvariant()

    match Map.tryFind key given with
    | _ when not (List.contains key names) -> Error(unknown kind names name)
    | Some earlier when key = "labels" ->
        let all = earlier @ texts

        if Seq.sumBy String.length all > mostOfLabels then
            Error LabelSelection.tooMany
        else
            Ok(Map.add key all given)
    | None when key = "labels" || texts.Length = 1 -> Ok(Map.add key texts given)
    | _ -> Error(twice key)

/// Returns the options of the query.
let ofQuery (context: HttpContext) : Result<GivenOptions, Problem> =
    (Ok Map.empty, context.Request.Query)
    ||> Seq.fold (fun given pair ->
        given
        |> Result.bind (add "query parameter" pair.Key [ for text in pair.Value -> string text ]))

// If this node exports no spans, the sampled flag comes from the caller, who must not be able to enable the workers'
// sampling.
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
    | true, count when count >= 1 && count <= mostClasses -> Ok(ValueSome count)
    | _ -> Error badTop

/// Parses a model's name; empty text means the default model.
let model (text: string) : Result<ModelName voption, Problem> =
    match ModelName.tryParse text with
    | _ when text = "" -> Ok ValueNone
    | ValueSome name -> Ok(ValueSome name)
    | ValueNone -> Error badModel

let private explain (text: string) =
    match text.ToLowerInvariant() with
    // `?explain` alone.
    | ""
    | "true"
    | "1" -> Ok true
    | "false"
    | "0" -> Ok false
    | _ -> Error badExplain

let private threshold (text: string) =
    match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | true, value when value >= 0.0 && value <= 1.0 -> Ok value
    | _ -> Error badThreshold

/// Returns the class names of the model, or none if no worker can be asked.
let private labelsOf (services: AppServices) (model: ModelName voption) : Task<string[] voption> =
    let id =
        model
        |> ValueOption.map _.Id
        |> ValueOption.defaultWith (fun () -> services.Models.Default)

    match services.Models.Models |> List.tryFind (fun model -> model.Description.Id = id) with
    | Some({ Workers = worker :: _ } as model) -> services.Labels(worker, model.Description)
    | _ -> Task.FromResult ValueNone

/// Returns the request that the options describe. Blank texts are the same as none.
let request
    (services: AppServices)
    (context: HttpContext)
    (given: GivenOptions)
    : Task<Result<ClassifyRequest, Problem>> =
    let text name parse fallback =
        match Map.tryFind name given with
        | Some [ text ] when not (String.IsNullOrWhiteSpace text) || name = "explain" -> parse (text.Trim())
        | _ -> Ok fallback

    let labels =
        Map.tryFind "labels" given
        |> Option.defaultValue []
        |> List.filter (LabelSelection.split >> List.isEmpty >> not)

    task {
        match
            text "top" top ValueNone,
            text "explain" explain false,
            text "model" model ValueNone,
            text "threshold" threshold 0.0
        with
        | Ok top, Ok explain, Ok model, Ok threshold ->
            let request =
                { ClassifyRequest.ofOptions
                      { trace context with
                          Top = top
                          Explain = explain
                          Model = model
                      } with
                    Threshold = threshold
                }

            if labels.IsEmpty then
                return Ok request
            else
                let! known = labelsOf services model

                return
                    LabelSelection.find known labels
                    |> Result.map (fun selection -> ClassifyRequest.select selection request)
        | Error problem, _, _, _
        | _, Error problem, _, _
        | _, _, Error problem, _
        | _, _, _, Error problem -> return Error problem
    }
