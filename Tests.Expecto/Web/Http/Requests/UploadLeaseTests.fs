module Tests.Expecto.Web.UploadLeaseTests

open System
open System.Buffers
open System.IO
open System.Net
open System.Threading
open Expecto
open Node.Hosting
open Web.Giraffe

let private budget () =
    ByteBudget(1L <<< 30, 1L <<< 20, TimeProvider.System)

/// Receives in pieces of at most `piece` bytes.
let private receive (limit: int) (piece: int) (lease: UploadLease) (bytes: byte[]) =
    let source =
        { new MemoryStream(bytes) with
            override stream.ReadAsync(buffer: Memory<byte>, _: CancellationToken) =
                Threading.Tasks.ValueTask<int>(stream.Read(buffer.Span.Slice(0, min piece buffer.Length)))
        }

    (Upload.readAll limit lease.Blocks source CancellationToken.None).Result

let tests =
    testList
        "UploadLease"
        [
            test "exactly the blocks that the bytes need are charged, none before the first byte" {
                let block = ByteBlocks.BlockSize

                for length, blocks in [ 0, 0; 1, 1; block - 1, 1; 3 * block + 1, 4; 8 * 1024 * 1024 + 1, 129 ] do
                    let budget = budget ()
                    let claim = budget.Open IPAddress.Loopback
                    let lease = new UploadLease(claim)
                    let bytes = Array.init length byte

                    match receive (32 <<< 20) 100_000 lease bytes with
                    | Ok received -> Expect.isTrue (received.ToArray() = bytes) $"{length} bytes, unchanged"
                    | Error fault -> failtest $"{fault}"

                    let most = int64 (max blocks 1) * int64 block
                    Expect.isTrue (budget.Held <= most) $"{length} bytes cost {budget.Held}"
                    Expect.isTrue (budget.Held >= int64 length) $"{length} bytes cost {budget.Held}"
                    (lease :> IDisposable).Dispose()
                    Expect.equal budget.Held 0L "returned"
            }

            test "an upload of exactly the limit is accepted, and a byte more is too large" {
                let limit = 2 * ByteBlocks.BlockSize
                let budget = budget ()
                use lease = new UploadLease(budget.Open IPAddress.Loopback)
                Expect.isOk (receive limit 1000 lease (Array.zeroCreate limit)) "fits"
                Expect.equal budget.Held (int64 limit) "cost"
                use lease = new UploadLease(budget.Open IPAddress.Loopback)

                Expect.equal
                    (receive limit 1000 lease (Array.zeroCreate (limit + 1)) |> Result.map ignore)
                    (Error(TooLarge(limit, int64 limit + 1L)))
                    "too large"
            }

            test "a block is reused only after its last reader" {
                let memoryOf isDone =
                    use lease = new UploadLease((budget ()).Open IPAddress.Loopback)

                    match receive 1000 1000 lease [| 7uy |] with
                    | Ok bytes ->
                        if isDone then
                            lease.Done()

                        match Runtime.InteropServices.MemoryMarshal.TryGetArray bytes.First with
                        | true, array -> Unchecked.nonNull array.Array
                        | _ -> failtest "no array"
                    | Error fault -> failtest $"{fault}"

                // Others take blocks at the same time, so that no single one is sure to come back.
                let reused isDone =
                    Seq.init 200 (fun _ ->
                        let first = memoryOf isDone
                        Object.ReferenceEquals(memoryOf false, first))
                    |> Seq.exists id

                Expect.isTrue (reused true) "done with"
                Expect.isFalse (reused false) "perhaps still on its way to a worker"
            }
        ]
