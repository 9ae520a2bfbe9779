module Tests.Expecto.Protocol.FrameReaderTests

open System
open System.Buffers
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators

let private limit = Limits.Standard.MaxPayload

/// An image read for comparison: its bytes, the rented array given back.
let private imageWith parameters size bytes =
    match FrameReader.image size parameters bytes with
    | Frame(picture, used) ->
        use picture = picture
        Frame(picture.Memory.ToArray(), used)
    | NeedMore -> NeedMore
    | Bad(reason, skipped) -> Bad(reason, skipped)

let private image size bytes = imageWith Parameters.none size bytes

let private never (noise: byte[]) (read: 'a Read) =
    match read with
    | NeedMore -> true
    | Frame(_, used)
    | Bad(_, used) -> used > 0L && used <= int64 noise.Length

let tests =
    testList
        "FrameReader"
        [
            testPropertyWithConfig config "a size reads back, however it is split"
            <| fun (size: FsCheck.PositiveInt) (cuts: int list) ->
                let size = size.Get % (limit / 4) * 4 + 4
                let bytes = Bytes.written (Message.Size(size, Parameters.none))

                FrameReader.size limit (Bytes.inPieces cuts bytes) =
                    Frame(struct (size, Parameters.none), int64 bytes.Length)

            testPropertyWithConfig config "an image reads back, however it is split, and takes nothing behind it"
            <| fun (Picture picture) (Noise behind) (cuts: int list) ->
                let bytes = Bytes.written (Message.Image(ReadOnlySequence picture, Parameters.none))
                let size = bytes.Length - ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum

                image size (Bytes.inPieces cuts (Array.append bytes behind)) = Frame(picture, int64 bytes.Length)

            testPropertyWithConfig config "a result reads back, however it is split, and takes nothing behind it"
            <| fun (predictions: Prediction[]) (Noise behind) (cuts: int list) ->
                let payload = Prediction.write predictions
                let bytes = Bytes.written (Message.Result(ReadOnlyMemory payload, Parameters.none))

                ResultReader.read 65536 Parameters.none (Bytes.inPieces cuts (Array.append bytes behind)) =
                    Frame(payload, int64 bytes.Length)

            testPropertyWithConfig config "every beginning of a message is incomplete, not malformed"
            <| fun (Picture picture) (predictions: Prediction[]) ->
                let beginnings (bytes: byte[]) =
                    [
                        for length in 0 .. max 1 (bytes.Length / 50) .. bytes.Length - 1 ->
                            Bytes.whole bytes[.. length - 1]
                    ]

                let size = Message.payloadLength Parameters.none (ReadOnlySequence picture)
                let payload = Prediction.write predictions

                beginnings (Bytes.written (Message.Size(size, Parameters.none)))
                |> List.forall (fun bytes -> FrameReader.size limit bytes = NeedMore)
                && beginnings (Bytes.written (Message.Image(ReadOnlySequence picture, Parameters.none)))
                   |> List.forall (fun bytes -> image size bytes = NeedMore)
                && beginnings (Bytes.written (Message.Result(ReadOnlyMemory payload, Parameters.none)))
                   |> List.forall (fun bytes -> ResultReader.read 65536 Parameters.none bytes = NeedMore)

            testPropertyWithConfig config "one flipped bit never passes"
            <| fun (Picture picture) (place: FsCheck.NonNegativeInt) ->
                let bytes = Bytes.written (Message.Image(ReadOnlySequence picture, Parameters.none))
                let bit = place.Get % (bytes.Length * 8)
                bytes[bit / 8] <- bytes[bit / 8] ^^^ (1uy <<< bit % 8)

                match image (bytes.Length - ChecksumAlgorithm.overhead ChecksumAlgorithm.Sum) (Bytes.whole bytes) with
                | Bad(_, skipped) -> skipped = int64 bytes.Length
                | _ -> false

            testPropertyWithConfig { config with maxTest = 20_000 } "no input makes a reader throw or read past its end"
            <| fun (Noise noise) (size: byte) (cuts: int list) ->
                let bytes = Bytes.inPieces cuts noise
                let raw = 1 + int size % 8
                let size = max 4 (int size / 4 * 4)

                never noise (FrameReader.acknowledgement bytes)
                && never noise (FrameReader.size limit bytes)
                && never noise (image size bytes)
                && never noise (imageWith Parameters.extended raw bytes)
                && never noise (ResultReader.read 64 Parameters.none bytes)
                && never noise (ResultReader.read 64 Parameters.extended bytes)

            testPropertyWithConfig { config with maxTest = 20_000 } "splitting changes no reader's answer"
            <| fun (Noise noise) (size: byte) ->
                let raw = 1 + int size % 8
                let size = max 4 (int size / 4 * 4)
                let one, many = Bytes.whole noise, Bytes.singly noise

                FrameReader.acknowledgement one = FrameReader.acknowledgement many
                && FrameReader.size limit one = FrameReader.size limit many
                && image size one = image size many
                && imageWith Parameters.extended raw one = imageWith Parameters.extended raw many
                && ResultReader.read 64 Parameters.none one = ResultReader.read 64 Parameters.none many
                && ResultReader.read 64 Parameters.extended one = ResultReader.read 64 Parameters.extended many

            test "a long result in many pieces is searched only once" {
                // Full of spaces, and without a checksum.
                let payload = Array.init 200_000 (fun index -> if index % 7 = 0 then ' 'B else 'x'B)
                let bytes = Bytes.written (Message.Result(ReadOnlyMemory payload, Parameters.none))
                let mutable search = ResultReader.start Parameters.none
                let mutable read = NeedMore
                let mutable allocated = 0L

                for length in 100..100 .. bytes.Length + 99 do
                    Expect.equal read NeedMore "not before its end"
                    let all = Bytes.inPieces [ length / 2 ] bytes[.. min length bytes.Length - 1]
                    let before = GC.GetAllocatedBytesForCurrentThread()

                    let struct (next, further) =
                        ResultReader.readFrom search 262_144 Parameters.none all

                    read <- next
                    search <- further
                    allocated <- allocated + GC.GetAllocatedBytesForCurrentThread() - before

                Expect.equal read (Frame(payload, int64 bytes.Length)) "the whole payload"
                // The payload itself, once; a copy of it for each of 2,000 pieces would be 200 MB.
                Expect.isLessThan allocated 5_000_000L "bytes"
                Expect.equal (ResultReader.read 262_144 Parameters.none (Bytes.singly bytes)) read "as at one time"
            }
        ]
