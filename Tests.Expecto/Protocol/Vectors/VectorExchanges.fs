/// The vectors' exchanges: what one role says, step by step.
module internal Tests.Expecto.Protocol.VectorExchanges

open System.Text.Json
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script
open Tests.Expecto.Protocol.Vectors

let private optionalText name (value: JsonElement) =
    tryGet name value |> Option.map string |> Option.defaultValue ""

let private answerOf (value: JsonElement) : HedgedAnswer =
    {
        Id = optionalText "id" value
        Label = optionalText "label" value
        Probability = value.GetProperty("probability").GetDouble()
        Path =
            [|
                for node in value.GetProperty("path").EnumerateArray() ->
                    {
                        Id = text "id" node
                        Label = text "label" node
                    }
            |]
    }

let private recognitionOf (value: JsonElement) : Recognition =
    {
        Model = text "model" value
        Version = optionalText "version" value
        Revision = optionalText "revision" value
        Independent = (tryGet "independent" value |> Option.exists _.GetBoolean())
        Classes =
            [|
                for item in value.GetProperty("predictions").EnumerateArray() ->
                    {
                        Index = item.GetProperty("index").GetInt32()
                        Label = text "label" item
                        Probability = item.GetProperty("probability").GetDouble()
                    }
            |]
        Answer = tryGet "answer" value |> Option.map answerOf |> Option.toValueOption
        Times =
            [|
                for stage in value.GetProperty("milliseconds").EnumerateObject() ->
                    {
                        Stage = stage.Name
                        Milliseconds = stage.Value.GetDouble()
                    }
            |]
        Maps = [||]
        Values =
            tryGet "values" value
            |> Option.map (fun text -> TensorValues.ofBytes (text.GetBytesFromBase64()))
            |> Option.defaultValue [||]
    }

/// The vectors write what a worker serves as it is on the wire.
let private servedOf (value: JsonElement) : ServedModels =
    match ServedModelsJson.tryRead 0u (System.Text.Encoding.UTF8.GetBytes(value.GetRawText())) with
    | Ok(Ok served) -> served
    | other -> failtest $"{other}"

let private refusalOf (value: JsonElement) =
    {
        Reason = optionalText "reason" value
        Detail = optionalText "detail" value
    }

let private did (effect: JsonElement) =
    match [ for property in effect.EnumerateObject() -> property.Name, property.Value ] with
    | [ "send", bytes ] -> $"send {bytes}"
    | [ "recognize", picture ] -> $"recognize {picture}"
    | [ "finish", outcome ] -> $"finish {outcome}"
    | [ "fail", code ] -> $"fail {code}"
    | [ "predictions", list ] -> $"%A{Recognition.ofPredictions (predictionsOf list)}"
    | [ "recognition", value ] -> $"%A{recognitionOf value}"
    | [ "describe", model ] -> $"describe {model}".TrimEnd()
    | [ "served", value ] -> $"%A{servedOf value}"
    | [ "refusal", value ] -> $"%A{refusalOf value}"
    | other -> failtest $"{other}"

let private describe step =
    match step with
    // The vectors of plain workers say only that it is refused.
    | Answered(ClientAnswer.ImageRefused refusal) when refusal <> Refusal.unexplained -> Some $"%A{refusal}"
    | Sent bytes -> Some $"send {bytes}"
    | Settled -> None
    | Began picture -> Some $"recognize {picture}"
    | Asked ValueNone -> Some "describe"
    | Asked(ValueSome model) -> Some $"describe {model}"
    | Served WorkerOutcome.Answered -> Some "finish answered"
    | Served WorkerOutcome.Refused -> Some "finish refused"
    | Answered(ClientAnswer.ImageRefused _) -> Some "finish image-refused"
    | Answered ClientAnswer.Declined -> Some "finish declined"
    | Answered(ClientAnswer.Recognized found) -> Some $"%A{found}"
    | Answered(ClientAnswer.Described served) -> Some $"%A{served}"
    | Failed failure -> Some $"fail {Failure.code failure}"

let private worker () =
    let worker = Worker limits.Value

    fun (step: JsonElement) ->
        match tryGet "in" step, tryGet "event" step |> Option.map string with
        | Some bytes, _ -> worker.Receive(bytes.ToString())
        | _, Some "recognized" ->
            match tryGet "recognition" step with
            | Some value -> worker.Event(WorkerEvent.Recognized(recognitionOf value))
            | None -> worker.Recognized(predictionsOf (step.GetProperty "predictions"))
        | _, Some "described" -> worker.Event(WorkerEvent.Described(servedOf (step.GetProperty "served")))
        | _, Some "undecodable" -> worker.Event(WorkerEvent.Undecodable(refusalOf step))
        | _, Some "quiet" -> worker.Event WorkerEvent.IdleTimeout
        | _, Some "ended" -> worker.Event WorkerEvent.PeerEnded
        | _ -> worker.Event WorkerEvent.DeadlinePassed

let private client (case: JsonElement) =
    let client = Client(limits.Value, parameters case, Bytes.ofText "Man")

    fun (step: JsonElement) ->
        match tryGet "in" step, tryGet "event" step |> Option.map string with
        | Some bytes, _ -> client.Receive(bytes.ToString())
        | _, Some "start" -> client.Opening
        | _, Some "quiet" -> client.Event ClientEvent.IdleTimeout
        | _, Some "ended" -> client.Event ClientEvent.PeerEnded
        | _ -> client.Event ClientEvent.DeadlinePassed

/// Runs a case's steps, and compares what comes out of each.
let exchange (case: JsonElement) =
    let run =
        if text "role" case = "worker" then
            worker ()
        else
            client case

    for step in case.GetProperty("steps").EnumerateArray() do
        let expected =
            [ for effect in step.GetProperty("out").EnumerateArray() -> did effect ]

        Expect.equal (List.choose describe (run step)) expected $"after {step}"
