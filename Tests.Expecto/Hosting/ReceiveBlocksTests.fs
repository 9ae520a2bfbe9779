/// The blocks that Kestrel receives into.
module Tests.Expecto.Hosting.ReceiveBlocksTests

open System
open System.Buffers
open Expecto
open Tests.Expecto
open Microsoft.AspNetCore.Connections
open Microsoft.Extensions.DependencyInjection
open Tests.Expecto.Web
open Tests.Expecto.Worker
open Node.Hosting

let private pool () : MemoryPool<byte> = ReceiveBlocks().Create()

let private again =
    testCase "a returned block is reused"
    <| fun () ->
        use pool = pool ()
        let first = pool.Rent 1
        use other = pool.Rent(-1)

        Expect.equal
            (first.Memory.Length, other.Memory.Length)
            (ReceiveBlocks.BlockSize, ReceiveBlocks.BlockSize)
            "whole"

        Expect.isFalse (first.Memory.Span.Overlaps(Span.op_Implicit other.Memory.Span)) "each has its own"
        let kept = first.Memory
        first.Dispose()
        use third = pool.Rent ReceiveBlocks.BlockSize
        Expect.equal third.Memory kept "the first one's"

let private few =
    testCase "after a peak only some blocks are kept"
    <| fun () ->
        use pool = pool ()
        let rush = List.init 1000 (fun _ -> pool.Rent 1)
        rush |> List.iter _.Dispose()
        let later = List.init 1000 (fun _ -> pool.Rent 1)

        let reused =
            later
            |> List.filter (fun block -> rush |> List.exists (fun old -> obj.ReferenceEquals(old, block)))

        Expect.equal reused.Length 64 "a megabyte's worth"

let private most =
    testCase "a larger buffer than a block is refused, as Kestrel expects"
    <| fun () ->
        use pool = pool ()
        Expect.equal pool.MaxBufferSize ReceiveBlocks.BlockSize "said before"

        Expect.throwsT<ArgumentOutOfRangeException>
            (fun () -> pool.Rent(ReceiveBlocks.BlockSize + 1) |> ignore)
            "and then"

/// Kestrel registers a factory of its own, and uses the one that was registered last.
let private taken =
    let isOurs (services: IServiceProvider) =
        Expect.isTrue (services.GetRequiredService<IMemoryPoolFactory<byte>>() :? ReceiveBlocks) "the node's own"

    testList
        "Kestrel uses them"
        [
            testCase "in a worker"
            <| fun () ->
                use worker = ServerUnderTest.run ServerUnderTest.standard
                isOurs worker.Server.Services
            testTask "in a web node" {
                use! web = WebUnderTest.Start []
                isOurs web.Services
            }
        ]

let tests = testList "Receive blocks" [ again; few; most; taken ]
