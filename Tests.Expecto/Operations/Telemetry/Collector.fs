namespace Tests.Expecto.Operations

open System
open System.Buffers.Binary
open System.Collections.Concurrent
open System.IO
open System.Net
open System.Text
open Tests.Expecto

/// One span as it came over the wire; ids in hex, an empty parent for a root.
type CollectedSpan =
    {
        Service: string
        TraceId: string
        SpanId: string
        ParentId: string
        Name: string
        /// Nanoseconds since 1970.
        Start: uint64
        End: uint64
        /// 2: an error.
        Status: uint64
        Attributes: Map<string, string>
    }

/// What of protobuf's encoding OTLP's spans are written in.
module private Proto =
    type Value =
        | Number of uint64
        | Bytes of byte[]

    let private varint (bytes: byte[]) (at: int) =
        let rec go at shift value =
            let value = value ||| (uint64 (bytes[at] &&& 0x7Fuy) <<< shift)

            if bytes[at] < 0x80uy then
                struct (value, at + 1)
            else
                go (at + 1) (shift + 7) value

        go at 0 0UL

    /// A message's fields in order.
    let fields (bytes: byte[]) : (int * Value) list =
        let rec go at =
            [
                if at < bytes.Length then
                    let struct (key, at) = varint bytes at
                    let field = int (key >>> 3)

                    match key &&& 7UL with
                    | 0UL ->
                        let struct (value, at) = varint bytes at
                        field, Number value
                        yield! go at
                    | 1UL ->
                        field, Number(BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(bytes, at, 8)))
                        yield! go (at + 8)
                    | 2UL ->
                        let struct (length, at) = varint bytes at
                        field, Bytes bytes[at .. at + int length - 1]
                        yield! go (at + int length)
                    | 5UL ->
                        field, Number(uint64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(bytes, at, 4))))
                        yield! go (at + 4)
                    | kind -> failwith $"wire type {kind}"
            ]

        go 0

    let messages field bytes =
        fields bytes
        |> List.choose (fun (name, value) ->
            match value with
            | Bytes inner when name = field -> Some inner
            | _ -> None)

    let bytes field message =
        messages field message |> List.tryHead |> Option.defaultValue [||]

    let text field message =
        Encoding.UTF8.GetString(bytes field message)

    let number field message =
        fields message
        |> List.tryPick (fun (name, value) ->
            match value with
            | Number number when name = field -> Some number
            | _ -> None)
        |> Option.defaultValue 0UL

/// A collector of spans by OTLP over HTTP, protobuf, as opentelemetry-proto's trace.proto and trace_service.proto number
/// their fields.
[<Sealed>]
type Collector() =
    let port = Nodes.freePort ()
    let listener = new HttpListener()
    let spans = ConcurrentQueue<CollectedSpan>()
    let requests = ConcurrentQueue<string>()

    let attributes field message =
        Map.ofList
            [
                for pair in Proto.messages field message do
                    let value = Proto.bytes 2 pair

                    Proto.text 1 pair,
                    match Proto.fields value with
                    | (1, Proto.Bytes text) :: _ -> Encoding.UTF8.GetString text
                    | (_, Proto.Number number) :: _ -> string number
                    | _ -> ""
            ]

    let read (body: byte[]) =
        for resourceSpans in Proto.messages 1 body do
            let service =
                (attributes 1 (Proto.bytes 1 resourceSpans)).TryFind "service.name"
                |> Option.defaultValue ""

            for scope in Proto.messages 2 resourceSpans do
                for span in Proto.messages 2 scope do
                    spans.Enqueue
                        {
                            Service = service
                            TraceId = Convert.ToHexStringLower(Proto.bytes 1 span)
                            SpanId = Convert.ToHexStringLower(Proto.bytes 2 span)
                            ParentId = Convert.ToHexStringLower(Proto.bytes 4 span)
                            Name = Proto.text 5 span
                            Start = Proto.number 7 span
                            End = Proto.number 8 span
                            Status = Proto.number 3 (Proto.bytes 15 span)
                            Attributes = attributes 9 span
                        }

    let serve () =
        task {
            try
                while listener.IsListening do
                    let! context = listener.GetContextAsync()
                    use body = new MemoryStream()
                    do! context.Request.InputStream.CopyToAsync body
                    requests.Enqueue $"{context.Request.Url}"
                    read (body.ToArray())
                    context.Response.ContentType <- "application/x-protobuf"
                    context.Response.Close()
            with
            | :? HttpListenerException
            | :? ObjectDisposedException -> ()
        }

    do
        listener.Prefixes.Add $"http://127.0.0.1:{port}/"
        listener.Start()
        serve () |> ignore

    member _.Spans = List.ofSeq spans
    member _.Requests = List.ofSeq requests

    /// What makes a node send its spans here, soon.
    member _.Environment =
        [
            "OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"
            "OTEL_BSP_SCHEDULE_DELAY", "100"
        ]

    interface IDisposable with
        member _.Dispose() = listener.Close()
