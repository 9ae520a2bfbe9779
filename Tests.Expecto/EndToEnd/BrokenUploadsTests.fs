/// Clients that disconnect, reset the connection or send slowly, over raw sockets: each upload ends, and the log has no
/// stack trace of it.
module Tests.Expecto.EndToEnd.BrokenUploadsTests

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto

let private picture = lazy File.ReadAllBytes(Repository.sample "daisy")

let private request (path: string) (headers: string list) =
    let lines = [ $"POST {path} HTTP/1.1"; "Host: localhost"; yield! headers; ""; "" ]

    Encoding.ASCII.GetBytes(String.Join("\r\n", lines))

let private ofLength (count: int) = $"Content-Length: {count}"

let private part =
    Encoding.ASCII.GetBytes
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"

/// A request's beginning on each way that an upload takes, and a part of its body.
let private beginnings () =
    let some = picture.Value[..40_000]
    let form = "Content-Type: multipart/form-data; boundary=b"

    [
        "nothing of a body", request "/api/classify" [ ofLength 90_000 ], [||]
        "a body", request "/api/classify" [ ofLength 90_000 ], some
        "a chunked body",
        request "/api/classify" [ "Transfer-Encoding: chunked" ],
        Array.concat [ "9000\r\n"B; picture.Value[..9_000] ]
        "a chunked body that is malformed", request "/api/classify" [ "Transfer-Encoding: chunked" ], "zz\r\n"B
        "a form", request "/api/classify" [ ofLength 90_000; form ], Array.append part some
        "a form's part", request "/api/classify" [ ofLength 90_000; form ], part[..30]
        "the page's form", request "/" [ ofLength 90_000; form ], Array.append part some
        "a sample's form", request "/" [ ofLength 90; "Content-Type: application/x-www-form-urlencoded" ], "sample=da"B
        "an inference request", request "/v2/models/squeezenet1_1/infer" [ ofLength 90_000 ], "{\"inputs\":["B
        "a bare picture",
        request "/v2/models/squeezenet1_1/infer" [ ofLength 90_000; "Inference-Header-Content-Length: 0" ],
        some
    ]

let private connect (port: int) =
    task {
        let socket = new TcpClient(NoDelay = true)
        do! socket.ConnectAsync(IPAddress.Loopback, port)
        return socket
    }

/// Sends this much, waits until it is under way, and leaves: with an end of the stream, by closing, or by a reset.
let private leave (port: int) (head: byte[]) (body: byte[]) (way: string) =
    task {
        use! socket = connect port
        let stream = socket.GetStream()
        do! stream.WriteAsync(ReadOnlyMemory(Array.append head body))
        do! Task.Delay 100

        match way with
        | "end" ->
            use late = new CancellationTokenSource(TimeSpan.FromSeconds 30.0)

            try
                socket.Client.Shutdown SocketShutdown.Send
                // Whatever the node answers: it closes.
                do! stream.CopyToAsync(Stream.Null, late.Token)
            with
            | :? SocketException
            | :? IOException ->
                // The node has closed already.
                ()
        | "reset" -> socket.LingerState <- LingerOption(true, 0)
        | _ -> ()
    }

let private stackTraces (lines: string[]) =
    lines
    |> Array.filter (fun line -> line.Contains "Exception" || line.TrimStart().StartsWith "at ")

let private quiet (web: WebNode) (about: string) =
    Expect.isEmpty (stackTraces web.Node.Lines) $"{about}:\n{web.Node.Text}"

/// A case with a node, which goes on to serve.
let private withNode name (test: WebNode -> Task<unit>) =
    testCaseTask name (fun () ->
        task {
            use! web = Nodes.service [] []
            do! test web
            let! status, answer = web.Classify picture.Value
            Expect.equal status 200 $"{answer}"
            let! ready, _ = web.Get "/v2/health/ready"
            Expect.equal ready 200 "the worker is still in service"
        })

let private leaving =
    withNode "clients that disconnect during an upload leave no stack trace in the log" (fun web ->
        task {
            for about, head, body in beginnings () do
                for way in [ "end"; "close"; "reset" ] do
                    do! leave web.Port head body way

            // What was read of them is dealt with meanwhile.
            do! Task.Delay 1000
            quiet web "after all of them"
        })

let private afterUpload =
    withNode "a client that disconnects while a worker has its picture leaves no stack trace in the log" (fun web ->
        task {
            for way in [ "close"; "reset" ] do
                for _ in 1..5 do
                    use! socket = connect web.Port
                    let head = request "/api/classify" [ ofLength picture.Value.Length ]
                    do! socket.GetStream().WriteAsync(ReadOnlyMemory(Array.append head picture.Value))

                    if way = "reset" then
                        socket.LingerState <- LingerOption(true, 0)

            do! Task.Delay 1000
            quiet web "after all of them"
        })

/// The status of the answer to what `send` writes behind the head.
let private answerTo (web: WebNode) (length: int) (send: NetworkStream -> Task<unit>) =
    task {
        use! socket = connect web.Port
        let stream = socket.GetStream()
        do! stream.WriteAsync(request "/api/classify" [ ofLength length; "Connection: close" ])
        do! send stream
        use reader = new StreamReader(stream)
        let! answer = reader.ReadToEndAsync()
        return answer.Split('\r')[0]
    }

let private slow =
    withNode "slow clients are served: 1.2 KB/s, and a pause of 14 s during an upload" (fun web ->
        task {
            let small =
                use image = NetVips.Image.NewFromBuffer picture.Value
                use thumbnail = image.ThumbnailImage 90
                thumbnail.JpegsaveBuffer(q = Nullable 80)

            Expect.isLessThan small.Length 20_000 "some seconds' worth"

            let trickling =
                answerTo web small.Length (fun stream ->
                    task {
                        for piece in Seq.chunkBySize 120 small do
                            do! stream.WriteAsync piece
                            do! Task.Delay 100
                    })

            let pausing =
                answerTo web picture.Value.Length (fun stream ->
                    task {
                        do! stream.WriteAsync picture.Value[..59_999]
                        do! Task.Delay(TimeSpan.FromSeconds 14.0)
                        do! stream.WriteAsync picture.Value[60_000..]
                    })

            let! lines = Task.WhenAll [ trickling; pausing ]
            Expect.equal lines [| "HTTP/1.1 200 OK"; "HTTP/1.1 200 OK" |] "both are answered"
            quiet web "slowly"
        })

let tests = testList "BrokenUploads" [ leaving; afterUpload; slow ]
