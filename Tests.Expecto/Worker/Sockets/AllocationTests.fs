/// What the protocol leaves for the garbage collector for each picture.
module Tests.Expecto.Worker.AllocationTests

open System
open System.Buffers
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol

/// Bytes that a call allocates on its thread: the least of many, since the first ones make what is kept.
let private allocated (call: unit -> unit) =
    List.min
        [
            for _ in 1..20 do
                let before = GC.GetAllocatedBytesForCurrentThread()
                call ()
                GC.GetAllocatedBytesForCurrentThread() - before
        ]

let private exchange =
    test "an exchange allocates only its messages and the result's text" {
        let size, image =
            Bytes.written (Message.Size(4000, Parameters.extended)),
            Bytes.written (Message.Image(ReadOnlySequence(Array.zeroCreate 4000), Parameters.extended))

        let arrived = Array.append size image

        let recognition =
            {
                Model = "squeezenet1_1"
                Version = ""
                Revision = ""
                Independent = false
                Classes =
                    [|
                        for index in 1..5 ->
                            {
                                Index = index
                                Label = "tabby cat"
                                Probability = 0.123456
                            }
                    |]
                Answer = ValueNone
                Times = [| { Stage = "queue"; Milliseconds = 1.25 } |]
                Maps = [||]
                Values = [||]
            }

        let writer = ArrayBufferWriter<byte> 4096
        let mutable state = WorkerExchange.start Limits.Standard

        let perform event =
            let struct (next, effects) = WorkerExchange.step state event
            state <- next

            for effect in effects do
                match effect with
                | WorkerEffect.Recognize(picture, _) -> (picture :> IDisposable).Dispose()
                | WorkerEffect.Send message -> Message.write writer message
                | WorkerEffect.Fail failure -> failtest (Failure.describe failure)
                | _ -> ()

        let taken =
            allocated (fun () ->
                writer.ResetWrittenCount()
                perform (WorkerEvent.Received(ReadOnlySequence arrived))
                perform (WorkerEvent.Recognized recognition)
                perform (WorkerEvent.Received(ReadOnlySequence "A"B)))

        Expect.isGreaterThan writer.WrittenCount 300 "the answer"
        Expect.isLessThanOrEqual taken 4000L "bytes"
    }

let private claimed =
    test "a large size allocates nothing before its image has come" {
        let messages = [ "D 33554432 -0414"B; "D AAAAAAAA"B ]
        let mutable phase = None

        let receive () =
            let mutable state = WorkerExchange.start Limits.Standard

            for bytes in messages do
                let struct (next, _) =
                    WorkerExchange.step state (WorkerEvent.Received(ReadOnlySequence bytes))

                state <- next

            phase <- Some(WorkerExchange.stage state)

        Expect.isLessThan (allocated receive) 4000L "bytes"
        Expect.equal phase (Some Stage.Image) "the size was accepted"
    }

let tests = testList "Allocation" [ exchange; claimed ]
