/// The classes that a request's `labels` name.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.LabelSelection

open System
open System.Globalization
open System.Linq
open Protocol.Core
open Node.Hosting.Settings
open Web.Giraffe

let private named (name: string) hint =
    Problem.create 400 "No such class" $"The model has no class '{name}'. {hint}"

let badLabel = named "Samoyd" "Did you mean Samoyed?"

let tooMany =
    Problem.create
        400
        "Too many classes"
        $"'labels' may have up to {ClassifyRequest.mostClasses} classes. Without it, 'top' returns the most probable ones."

/// Splits a list of labels at its commas.
let split (text: string) =
    text.Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)
    |> List.ofArray

let private isNumber (text: string) =
    match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | true, number -> Double.IsFinite number
    | _ -> false

/// Returns the numbers of the classes with this number or name.
let private indicesOf (known: string[]) (byName: ILookup<string, int>) (text: string) : Result<int list, Problem> =
    match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
    | true, index when index < known.Length -> Ok [ index ]
    | _ when byName.Contains text -> Ok(List.ofSeq byName[text])
    | _ when isNumber text -> Error(named (Problem.shorten text) $"Its classes are 0 to {known.Length - 1}.")
    | _ ->
        let shown = Problem.shorten text

        NearestName.Hint(shown, known)
        |> Option.ofObj
        |> Option.defaultValue "GET /api/models/{id}/labels lists them."
        |> named shown
        |> Error

let private bounded (pieces: string list) =
    if pieces.Length > ClassifyRequest.mostClasses then
        Error tooMany
    else
        Ok pieces

/// Finds the classes. A name may have a comma, so a whole text is tried before its pieces.
let find (known: string[] voption) (texts: string list) : Result<ClassSelection, Problem> =
    match known with
    | ValueSome known ->
        let byName =
            Array.indexed(known).ToLookup(snd, fst, StringComparer.OrdinalIgnoreCase)

        texts
        |> List.collect (fun text -> if byName.Contains text then [ text ] else split text)
        |> bounded
        |> Result.bind (Result.traverse (indicesOf known byName))
        |> Result.map (fun found ->
            {
                Indices = found |> Seq.concat |> Set.ofSeq
                Labels = Set.empty
            })
    | ValueNone ->
        texts
        |> List.collect split
        |> bounded
        |> Result.map (fun pieces ->
            {
                Indices =
                    Set.ofList
                        [
                            for piece in pieces do
                                match Int32.TryParse(piece, NumberStyles.None, CultureInfo.InvariantCulture) with
                                | true, index -> index
                                | _ -> ()
                        ]
                Labels = pieces |> Seq.map _.ToLowerInvariant() |> Set.ofSeq
            })
