namespace Web.Giraffe

open System
open System.IO
open System.Threading
open System.Threading.Tasks

/// A stream that is read once, from its start to its end.
[<AbstractClass>]
type ReadOnlyStream() =
    inherit Stream()

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) = raise (NotSupportedException())

/// A request's body. A class of this kind overrides `ReadAsync` for memory.
[<AbstractClass>]
type BodyStream() =
    inherit ReadOnlyStream()

    override stream.ReadAsync(buffer: byte[], offset: int, count: int, cancel: CancellationToken) : Task<int> =
        stream.ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask()

    override _.Read(_: byte[], _: int, _: int) : int =
        raise (NotSupportedException "A request's body is read asynchronously.")
