namespace Tests.Expecto.Operations

open System
open System.Collections.Concurrent
open System.IO
open System.Net
open System.Text
open Google.Protobuf
open Tests.Expecto

/// A received span; ids in hex, an empty parent for a root.
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

/// Reads protobuf messages without their definitions.
module private Proto =
    type Value =
        | Number of uint64
        | Bytes of byte[]

    /// A message's fields in order.
    let fields (bytes: byte[]) : (int * Value) list =
        use input = new CodedInputStream(bytes)

        [
            while not input.IsAtEnd do
                let tag = input.ReadTag()

                WireFormat.GetTagFieldNumber tag,
                match WireFormat.GetTagWireType tag with
                | WireFormat.WireType.Varint -> Number(input.ReadUInt64())
                | WireFormat.WireType.Fixed64 -> Number(input.ReadFixed64())
                | WireFormat.WireType.Fixed32 -> Number(uint64 (input.ReadFixed32()))
                | WireFormat.WireType.LengthDelimited -> Bytes(input.ReadBytes().ToByteArray())
                | kind -> failwith $"wire type {kind}"
        ]

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

    /// The variables that make a node send its spans here, soon.
    member _.Environment =
        [
            "OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"
            "OTEL_BSP_SCHEDULE_DELAY", "100"
        ]

    interface IDisposable with
        member _.Dispose() = listener.Close()
