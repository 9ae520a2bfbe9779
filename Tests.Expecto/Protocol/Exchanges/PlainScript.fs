/// A plain exchange, step by step: its messages, and both sides.
module Tests.Expecto.Protocol.PlainScript

open System
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Script

// "Man" and what it is on the wire.
let size = "D 4 -0053"
let image = "D TWFu -0359"

let predictions = [| { Label = "Samoyed"; Probability = 0.5 } |]

let result =
    Bytes.textOf (Message.Result(ReadOnlyMemory(Prediction.write predictions), Parameters.none))

/// A worker that has received these messages.
let workerAfter (messages: string list) =
    let worker = Worker Limits.Standard

    for message in messages do
        worker.Receive message |> ignore

    worker

let worker () = workerAfter []

/// A worker that has just sent its result.
let answered () =
    let worker = workerAfter [ size; image ]
    worker.Recognized predictions |> ignore
    worker

/// A client that has received these answers.
let clientAfter (answers: string) =
    let client = Client(Limits.Standard, "Man"B)
    client.Receive answers |> ignore
    client

let client () = clientAfter ""
