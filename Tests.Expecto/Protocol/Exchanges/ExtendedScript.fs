/// What the tests of either role say to it, with any parameters: three bytes as the picture, and one answer.
module Tests.Expecto.Protocol.ExtendedScript

open System
open System.Buffers
open Protocol.Core
open Tests.Expecto.Protocol.Script

let seen: Recognition =
    {
        Model = "m"
        Version = ""
        Revision = ""
        Independent = false
        Classes =
            [|
                {
                    Index = 258
                    Label = "Samoyed, fluffy: \"yes\""
                    Probability = 0.5
                }
            |]
        Answer = ValueNone
        Times = [||]
        Maps = [||]
        Values = [||]
    }

let text message = Bytes.toText (Bytes.written message)
let picture = "Man"B
let size parameters = text (Message.Size(3, parameters))

let image parameters =
    text (Message.Image(ReadOnlySequence picture, parameters))

/// What an answer to the size of `picture` says it answers.
let asked parameters =
    ChecksumAlgorithm.crc32c (Buffers.ReadOnlySequence(Message.sizePayload picture.Length parameters))

let result parameters =
    text (Message.Result(ReadOnlyMemory(RecognitionJson.write (asked parameters) seen), parameters))

let all = Parameters.extended

let damaged (message: string) =
    message.Substring(0, message.Length - 1) + "\001"

let client parameters =
    Client(Limits.Standard, parameters, picture)

let cutShort = Refusal.create "Damaged" "The JPEG is cut short."

let failed stage cause = Failed(Failure.at stage cause)
