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
    Bytes.toText (Bytes.written (Message.Result(ReadOnlyMemory(Prediction.write predictions), Parameters.none)))

let failed stage cause = Failed(Failure.at stage cause)

let worker () = Worker Limits.Standard
let client () = Client(Limits.Standard, "Man"B)
