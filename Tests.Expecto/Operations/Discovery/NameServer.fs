namespace Tests.Expecto.Operations

open System
open System.Buffers.Binary
open System.Net
open System.Net.Sockets
open System.Text
open System.Threading

/// The answers of a name server.
type NameAnswer =
    /// These addresses, good for so many seconds.
    | Records of IPAddress list * seconds: int
    | NoSuchName
    /// A failure of the server.
    | Failure
    /// No answer.
    | Silence

/// A name server on loopback, over UDP, that gives one answer to every name, as RFC 1035 and 3596 write it.
[<Sealed>]
type NameServer() =
    let socket = new UdpClient(IPEndPoint(IPAddress.Loopback, 0))
    let mutable answer = NoSuchName
    let mutable asked = 0

    let number (value: int) =
        let bytes = Array.zeroCreate 2
        BinaryPrimitives.WriteUInt16BigEndian(Span bytes, uint16 value)
        bytes

    /// The question's end: behind its name, type and class.
    let rec skipName (query: byte[]) at =
        if query[at] = 0uy then
            at + 1
        else
            skipName query (at + 1 + int query[at])

    let record kind (seconds: int) (address: IPAddress) =
        let data = address.GetAddressBytes()
        // The name as a pointer to the question's; class IN.
        Array.concat
            [
                [| 0xC0uy; 12uy |]
                number kind
                number 1
                number 0
                number seconds
                number data.Length
                data
            ]

    let reply (query: byte[]) =
        let stop = skipName query 12 + 4

        let kind =
            int (BinaryPrimitives.ReadUInt16BigEndian(ReadOnlySpan(query, stop - 4, 2)))

        let family =
            if kind = 28 then
                AddressFamily.InterNetworkV6
            else
                AddressFamily.InterNetwork

        let code, records =
            match answer with
            | Records(addresses, seconds) ->
                0,
                addresses
                |> List.filter (fun address -> address.AddressFamily = family)
                |> List.map (record kind seconds)
            | Failure -> 2, []
            | NoSuchName
            | Silence -> 3, []

        // A response, recursion wanted and to be had.
        let flags = 0x8180 ||| code

        Array.concat
            [
                query[0..1]
                number flags
                number 1
                number records.Length
                number 0
                number 0
                query[12 .. stop - 1]
                yield! records
            ]

    let serve () =
        task {
            try
                while true do
                    let! got = socket.ReceiveAsync()
                    Interlocked.Increment &asked |> ignore

                    if answer <> Silence then
                        let! _ = socket.SendAsync(reply got.Buffer, got.RemoteEndPoint)
                        ()
            with
            | :? SocketException
            | :? ObjectDisposedException -> ()
        }

    do serve () |> ignore

    member _.EndPoint = (Unchecked.nonNull socket.Client.LocalEndPoint) :?> IPEndPoint
    member _.QueryCount = Volatile.Read &asked

    member _.Answer
        with set value = answer <- value

    interface IDisposable with
        member _.Dispose() = socket.Dispose()
