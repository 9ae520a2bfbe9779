/// An exchange with parameters: its messages for a picture of three bytes and one answer, and both sides.
module Tests.Expecto.Protocol.ExtendedScript

open System
open System.Buffers
open Protocol.Core
open Tests.Expecto.Protocol.Script

let seen =
    { Recognition.ofPredictions [||] with
        Model = "m"
        Classes =
            [|
                {
                    Index = 258
                    Label = "Samoyed, fluffy: \"yes\""
                    Probability = 0.5
                }
            |]
    }

let text = Bytes.textOf
let picture = "Man"B
let size parameters = text (Message.Size(3, parameters))

let image parameters =
    text (Message.Image(ReadOnlySequence picture, parameters))

/// What an answer to the size of `picture` says it answers.
let asked parameters =
    ChecksumAlgorithm.crc32c (ReadOnlySequence(Message.sizePayload picture.Length parameters))

let result parameters =
    text (Message.Result(ReadOnlyMemory(RecognitionJson.write (asked parameters) seen), parameters))

let error parameters refusal =
    text (Message.Result(ReadOnlyMemory(RecognitionJson.writeError (asked parameters) refusal), parameters))

let all = Parameters.extended

let damaged (message: string) =
    message.Substring(0, message.Length - 1) + "\001"

/// A client that has received these answers.
let clientAfter parameters (answers: string) =
    let client = Client(Limits.Standard, parameters, picture)
    client.Receive answers |> ignore
    client

let client parameters = clientAfter parameters ""

/// A worker that has received these messages.
let workerAfter (messages: string) =
    let worker = Worker Limits.Standard
    worker.Receive messages |> ignore
    worker

let cutShort = Refusal.create "Damaged" "The JPEG is cut short."
