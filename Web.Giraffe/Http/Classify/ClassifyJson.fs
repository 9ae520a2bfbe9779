/// A picture and its options as JSON: `{"image": "<base64>", "top": 3}`, or as Hugging Face's clients send them.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyJson

open System
open System.Buffers
open System.Globalization
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Inference

/// The media types of JSON bodies.
let isJson (mediaType: string) =
    mediaType = "application/json"
    || mediaType = "text/json"
    || mediaType.EndsWith "+json"

let private wrong = Problem.wrong

let private members =
    [ "image"; "inputs"; "parameters"; "options" ] @ ClassifyQuery.names

/// Hugging Face's names.
let private parameterNames =
    dict
        [
            "top_k", "top"
            for name in ClassifyQuery.names do
                if name <> "model" then
                    name, name
        ]

let private kindOf (value: JsonElement) =
    match value.ValueKind with
    | JsonValueKind.String -> "a string"
    | JsonValueKind.Array -> "an array"
    | JsonValueKind.Object -> "an object"
    | JsonValueKind.Number -> "a number"
    | JsonValueKind.Null -> "null"
    | _ -> "true or false"

/// Returns a number as text: whole numbers without the notation, as `2` for `2.0` and `2e0`.
let private numberText (value: JsonElement) =
    match value.TryGetDecimal() with
    | true, number when Decimal.IsInteger number -> number.ToString("0", CultureInfo.InvariantCulture)
    | _ -> value.GetRawText()

/// Returns the texts of a value, as in a query.
let private texts (name: string) (value: JsonElement) : Result<string list, Problem> =
    let text (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.String -> Some(string (value.GetString()))
        | JsonValueKind.Number -> Some(numberText value)
        | JsonValueKind.True
        | JsonValueKind.False -> Some(value.GetRawText())
        | _ -> None

    match value.ValueKind with
    | JsonValueKind.Array when name = "labels" ->
        value.EnumerateArray()
        |> List.ofSeq
        |> Result.traverse (fun label ->
            match text label with
            | Some label -> Ok label
            | None -> Error(wrong $"'labels' has names and numbers of classes, not {kindOf label}."))
        |> Result.map List.ofArray
    | _ ->
        match text value with
        | Some text -> Ok [ text ]
        | None -> Error(wrong $"'{name}' can't be {kindOf value}.")

let private add (kind: string) (given: ClassifyQuery.GivenOptions) (name: string, value: JsonElement) =
    texts name value
    |> Result.bind (fun texts -> ClassifyQuery.add kind name texts given)

let private parameter given (name: string, value: JsonElement) =
    match parameterNames.TryGetValue name with
    | true, option -> add "parameter" given (option, value)
    | _ -> Error(ClassifyQuery.unknown "parameter" parameterNames.Keys name)

let private membersOf (value: JsonElement) =
    [
        for one in value.EnumerateObject() do
            // Generated clients send null for what is not set.
            if one.Value.ValueKind <> JsonValueKind.Null then
                one.Name, one.Value
    ]

let private foldResult folder =
    List.fold (fun state item -> Result.bind (fun state -> folder state item) state)

let private optionsOf (given: ClassifyQuery.GivenOptions) (root: JsonElement) =
    (Ok given, membersOf root)
    ||> foldResult (fun given (name, value) ->
        match name with
        | "image"
        | "inputs" -> Ok given
        // Hugging Face's `use_cache` and `wait_for_model`, which have no counterpart here.
        | "options" when value.ValueKind = JsonValueKind.Object -> Ok given
        | "parameters" when value.ValueKind = JsonValueKind.Object ->
            (Ok given, membersOf value) ||> foldResult parameter
        | "parameters"
        | "options" -> Error(wrong $"'{name}' is an object, not {kindOf value}.")
        | name when List.contains name ClassifyQuery.names -> add "member" given (name, value)
        | name -> Error(ClassifyQuery.unknown "member" members name))

let private noBase64 name =
    wrong $"'{name}' is not valid base64. Send the picture in base64."

/// Decodes the text of a picture, which may be a data URI.
let private decode (name: string) (text: string) : Result<byte[], Problem> =
    if
        text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
    then
        Error(wrong $"'{name}' is an address. Download the picture, and send its bytes in base64.")
    else
        match Base64Text.decode text with
        | ValueSome bytes -> Ok bytes
        | ValueNone -> Error(noBase64 name)

let private pictureOf (intake: JsonIntake) (root: JsonElement) : Result<ReadOnlySequence<byte>, Problem> =
    match
        membersOf root
        |> List.filter (fun (name, _) -> name = "image" || name = "inputs")
    with
    | [ name, value ] when value.ValueKind = JsonValueKind.String ->
        decode name (string (value.GetString()))
        |> Result.bind (fun bytes -> intake.Resolve [ ReadOnlySequence bytes ] |> Result.mapError wrong)
        |> Result.map List.head
    | [ name, value ] when value.ValueKind = JsonValueKind.Array ->
        Error(
            wrong
                $"'{name}' is one picture in base64, not an array. Several pictures go in a form, to /api/classify/batch."
        )
    | [ name, value ] -> Error(wrong $"'{name}' is a picture in base64, not {kindOf value}.")
    | [] -> Error(wrong "The JSON has no picture: send it in base64 as the member 'image'.")
    | _ -> Error(wrong "The JSON has several pictures: send one as the member 'image', or several in a form.")

let private parse (given: ClassifyQuery.GivenOptions) (intake: JsonIntake) =
    RequestJson.document (fun line place -> intake.PlaceInBody(line, place)) intake.Json
    |> Result.mapError wrong
    |> Result.bind (fun json ->
        use json = json
        let root = json.RootElement

        if root.ValueKind <> JsonValueKind.Object then
            Error(wrong $"The JSON is an object with the picture as its member 'image', not {kindOf root}.")
        else
            match optionsOf given root, pictureOf intake root with
            | Ok options, Ok picture -> Ok(picture, options)
            | Error problem, _
            | _, Error problem -> Error problem)

/// Receives the body. Returns the picture, whose bytes the intake holds, and the options, in addition to the given ones.
let read
    (services: AppServices)
    (given: ClassifyQuery.GivenOptions)
    (intake: JsonIntake)
    (context: HttpContext)
    : Task<Result<ReadOnlySequence<byte> * ClassifyQuery.GivenOptions, UploadFault>> =
    // Four characters for three bytes, with a line break every 64.
    let most = int64 services.Settings.MaxUpload / 2L * 3L

    Upload.bounded (Upload.pictureTooLarge services.Settings.MaxUpload) most context (fun () ->
        task {
            let! _ = intake.Receive(context.Request.Body, Int64.MaxValue, context.RequestAborted)

            match intake.Fault with
            | _ when intake.IsPicture ->
                return
                    Error(
                        Invalid(
                            wrong
                                "The body is a picture, not JSON. Leave out the header Content-Type: application/json. (curl sends a picture with --data-binary @FILE.)"
                        )
                    )
            | Some problem -> return Error(Invalid problem)
            // Short strings are decoded in one piece.
            | None when not (intake.Claim.TryTake(int64 intake.Json.Length * 3L)) -> return Error OutOfRoom
            | None -> return parse given intake |> Result.mapError Invalid
        })
