/// What a picture leaves for the garbage collector, part by part. `bench/Micro -- goals allocation` has the whole worker.
module Tests.Expecto.Worker.AllocationTests

open System
open System.Buffers
open Expecto
open NetVips
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

/// Bytes that a call allocates on its thread: the least of many, since the first ones make what is kept.
let private allocated (call: unit -> unit) =
    List.min
        [
            for _ in 1..20 do
                let before = GC.GetAllocatedBytesForCurrentThread()
                call ()
                GC.GetAllocatedBytesForCurrentThread() - before
        ]

let private pictures =
    testList
        "a picture's decoding, at most 500 bytes"
        [
            for name, most, file in
                [
                    "PNG", 500L, lazy (use image = scene 400 300 in png image)
                    "JPEG at its full size", 500L, lazy (use image = scene 400 300 in jpeg image)
                    "JPEG at half its size", 500L, lazy (use image = scene 1100 1000 in jpeg image)
                    "WebP", 500L, lazy (use image = scene 400 300 in image.WebpsaveBuffer())
                ] do
                test name {
                    let preprocessor = Preprocessor(squeezenet, ImagingLimits.Standard)
                    let tensor = Array.zeroCreate<float32>(3 * 224 * 224)
                    let bytes = file.Force()

                    let taken =
                        allocated (fun () ->
                            Expect.isNull (preprocessor.Run(ReadOnlySpan bytes, tensor.AsSpan())) "decoded")

                    Expect.isLessThanOrEqual taken most name
                }
        ]

let private parameters =
    test "a size's parameters: the record alone" {
        let text = "raw;crc32c;eager;keep;sized;json;top=3"B

        let taken =
            allocated (fun () ->
                if (Parameters.tryRead (ReadOnlySpan text)).IsError then
                    failtest "they are right")

        Expect.isLessThanOrEqual taken 100L "bytes"
    }

let private exchange =
    test "an exchange by the protocol: what it says and the answer's text" {
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
                Times = [| { Stage = "queue"; Milliseconds = 1.25 } |]
                Maps = [||]
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
        Expect.isLessThanOrEqual taken 2000L "bytes"
    }

let tests = testList "Allocation" [ pictures; parameters; exchange ]
