/// The worker's outcomes, for tests that expect one of the two.
module Tests.Expecto.Worker.Outcomes

open Expecto
open Worker
open Worker.Inference

let result (outcome: Outcome<'T>) =
    match outcome with
    | :? Outcome<'T>.Ok as ok -> Ok ok.Value
    | :? Outcome<'T>.Failed as failed -> Error failed.Reason
    | other -> failwith $"{other}"

/// The value; fails without one.
let value outcome =
    match result outcome with
    | Ok value -> value
    | Error reason -> failtest reason

/// The reason of a failure; fails without one.
let reason outcome =
    match result outcome with
    | Ok value -> failtest $"no failure: {value}"
    | Error reason -> reason

/// What was recognized; fails for a refused picture.
let recognition (result: RecognitionResult) =
    match result with
    | :? RecognitionResult.Succeeded as succeeded -> succeeded.Recognition
    | other -> failtest $"{other}"

/// The refusal of a picture; fails for a recognized one.
let refusal (result: RecognitionResult) =
    match result with
    | :? RecognitionResult.Refused as refused -> refused.Refusal
    | other -> failtest $"{other}"
