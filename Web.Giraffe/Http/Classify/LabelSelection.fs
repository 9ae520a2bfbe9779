/// The classes that a request's `labels` name.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.LabelSelection

open System
open System.Globalization
open Protocol.Core
open Transport.Settings
open Web.Giraffe

let private named (name: string) hint =
    Problem.create 400 "No such class" $"The model has no class '{name}'. {hint}"

let badLabel = named "Samoyd" "Did you mean Samoyed?"

/// Splits a list of labels at its commas.
let split (text: string) =
    text.Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)
    |> List.ofArray

/// Returns the numbers of the classes with this number or name.
let private indicesOf (known: string[]) (text: string) : Result<int list, Problem> =
    match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
    | true, index when index < known.Length -> Ok [ index ]
    | _ ->
        match
            [
                for index in 0 .. known.Length - 1 do
                    if known[index].Equals(text, StringComparison.OrdinalIgnoreCase) then
                        index
            ]
        with
        | [] ->
            NearestName.Hint(text, known)
            |> Option.ofObj
            |> Option.defaultValue "GET /api/models/{id}/labels lists them."
            |> named text
            |> Error
        | found -> Ok found

let private isLabel (known: string[]) (text: string) =
    known
    |> Array.exists (fun label -> label.Equals(text, StringComparison.OrdinalIgnoreCase))

/// Finds the classes. A name may have a comma, so a whole text is tried before its pieces.
let find (known: string[] voption) (texts: string list) : Result<ClassSelection, Problem> =
    match known with
    | ValueSome known ->
        texts
        |> List.collect (fun text -> if isLabel known text then [ text ] else split text)
        |> Result.traverse (indicesOf known)
        |> Result.map (fun found ->
            {
                Indices = found |> Seq.concat |> Set.ofSeq
                Labels = Set.empty
            })
    | ValueNone ->
        let pieces = texts |> List.collect split

        let indices =
            [
                for piece in pieces do
                    match Int32.TryParse(piece, NumberStyles.None, CultureInfo.InvariantCulture) with
                    | true, index -> index
                    | _ -> ()
            ]

        Ok
            {
                Indices = Set.ofList indices
                Labels = pieces |> Seq.map _.ToLowerInvariant() |> Set.ofSeq
            }
