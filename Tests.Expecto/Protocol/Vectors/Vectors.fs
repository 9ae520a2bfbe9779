/// docs/protocol-vectors.json as it is written.
module internal Tests.Expecto.Protocol.Vectors

open System
open System.IO
open System.Text.Json
open Expecto
open Protocol.Core
open Tests.Expecto
open Tests.Expecto.Protocol

let vectors =
    lazy
        (let path = Path.Combine(Repository.root, "docs", "protocol-vectors.json")
         JsonDocument.Parse(File.ReadAllText path).RootElement)

let cases (kind: string) =
    [ for case in vectors.Value.GetProperty(kind).EnumerateArray() -> case ]

let text (name: string) (case: JsonElement) =
    case.GetProperty(name).GetString() |> Unchecked.nonNull

let tryGet (name: string) (case: JsonElement) =
    match case.TryGetProperty name with
    | true, value -> Some value
    | _ -> None

let limits =
    lazy
        (let limits = vectors.Value.GetProperty "limits"

         {
             MaxPayload = limits.GetProperty("maxPayload").GetInt32()
             MaxResult = limits.GetProperty("maxResult").GetInt32()
             MaxAttempts = limits.GetProperty("maxAttempts").GetInt32()
         })

/// The parameters that a case names, or those of the plain exchange.
let parameters (case: JsonElement) =
    match tryGet "parameters" case with
    | None -> Parameters.none
    | Some text ->
        match Parameters.tryRead (ReadOnlySpan(Bytes.ofText (text.ToString()))) with
        | Ok parameters -> parameters
        | Error reason -> failtest (Malformed.describe reason)

let predictionsOf (list: JsonElement) =
    [|
        for item in list.EnumerateArray() ->
            {
                Label = text "label" item
                Probability = item.GetProperty("probability").GetDouble()
            }
    |]
