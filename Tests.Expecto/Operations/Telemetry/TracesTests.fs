/// One trace from the upload to the inference, over two processes.
module Tests.Expecto.Operations.TracesTests

open System
open System.Net.Http
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private traceId = "0af7651916cd43dd8448eb211c80319c"
let private caller = "b7ad6b7169203331"

let private upload (web: WebNode) =
    task {
        use request =
            new HttpRequestMessage(
                HttpMethod.Post,
                "/api/classify",
                Content = new ByteArrayContent(Repository.photograph "dog.jpg")
            )

        request.Headers.Add("traceparent", $"00-{traceId}-{caller}-01")
        let! status, answer = web.Json request
        Expect.equal status 200 $"{answer}"
    }

let private classify (web: WebNode) =
    task {
        let! status, answer = web.Classify(Repository.photograph "dog.jpg")
        Expect.equal status 200 $"{answer}"
    }

let private one =
    testTask "an upload is one trace over both processes, with a span for each attempt and step" {
        use collector = new Collector()
        let dead, port = Nodes.freePort (), Nodes.freePort ()
        use! worker = Nodes.workerWith collector.Environment port []

        use! web =
            Nodes.webWith collector.Environment [ dead; port ] [ "--Pool:CheckSeconds=0" ]

        do! upload web

        let names () =
            [ for span in collector.Spans -> $"{span.Service} {span.Name}" ] |> List.sort

        let expected =
            [
                "recognition-web POST /api/classify"
                "recognition-web exchange"
                "recognition-web exchange"
                "recognition-web queue"
                "recognition-web queue"
                "recognition-worker decode"
                "recognition-worker exchange"
                "recognition-worker inference"
                "recognition-worker queue"
                "recognition-worker receive"
            ]

        do!
            Programs.eventually 20.0 (fun () -> $"{names ()}\n{web.Node.Text}\n{worker.Text}") (fun () ->
                Task.FromResult(collector.Spans.Length >= expected.Length))

        Expect.equal (names ()) expected "these spans and no others, such as those of the readiness checks"
        let spans = collector.Spans

        for span in spans do
            Expect.equal span.TraceId traceId $"{span}"
            Expect.isLessThanOrEqual span.Start span.End $"{span}"

        let find service name attempt =
            spans
            |> List.find (fun span ->
                span.Service = service
                && span.Name = name
                && (attempt = "" || span.Attributes["recognition.attempt"] = attempt))

        let request = find "recognition-web" "POST /api/classify" ""
        let failed = find "recognition-web" "exchange" "1"
        let answered = find "recognition-web" "exchange" "2"
        let exchange = find "recognition-worker" "exchange" ""
        Expect.equal request.ParentId caller "the caller's"
        Expect.equal (failed.ParentId, answered.ParentId) (request.SpanId, request.SpanId) "the request's attempts"
        Expect.equal (failed.Status, answered.Status) (2UL, 0UL) "the first failed"
        Expect.equal answered.Attributes["server.port"] (string port) "the second went to the worker"
        Expect.equal exchange.ParentId answered.SpanId "the hop between the processes"

        for span in spans do
            if span.Service = "recognition-web" && span.Name = "queue" then
                Expect.equal span.ParentId request.SpanId "the waits are the request's"

            if span.Service = "recognition-worker" && span.Name <> "exchange" then
                Expect.equal span.ParentId exchange.SpanId $"{span.Name} is the exchange's"

        let start name =
            (find "recognition-worker" name "").Start

        let starts = [ start "receive"; start "queue"; start "decode"; start "inference" ]
        Expect.equal starts (List.sort starts) "one after the other"

        Expect.all collector.Requests (fun url -> url.EndsWith "/v1/traces") "at the standard's path"
    }

/// Sends a request to nodes that must not send spans.
let private silent (collector: Collector) (send: WebNode -> Task<unit>) webVariables workerVariables =
    task {
        let port = Nodes.freePort ()
        use! worker = Nodes.workerWith workerVariables port []
        use! web = Nodes.webWith webVariables [ port ] [ "--Pool:CheckSeconds=0" ]
        do! send web

        // They send the remaining spans when they end.
        for node in [ web.Node; worker ] do
            do! Programs.terminate node

        Expect.isEmpty collector.Spans "no span"
    }

let private sampled =
    testTask "OTEL_TRACES_SAMPLER decides for both processes" {
        use collector = new Collector()
        let off = ("OTEL_TRACES_SAMPLER", "always_off") :: collector.Environment
        do! silent collector classify off collector.Environment
    }

let private stranger =
    testTask "a caller's sampled trace switches tracing on in neither process" {
        use collector = new Collector()

        for sampler in [ "always_off"; "parentbased_always_off"; "parentbased_traceidratio" ] do
            let off =
                [ "OTEL_TRACES_SAMPLER", sampler; "OTEL_TRACES_SAMPLER_ARG", "0" ]
                @ collector.Environment

            do! silent collector upload off off

        // A worker sends spans only for a web node that does.
        do! silent collector upload [] collector.Environment
    }

let tests =
    testSequencedGroup "programs" <| testList "Traces" [ one; sampled; stranger ]
