/// The time limits of a request's body, and the upload that ends when there is not enough memory for all.
module Tests.Expecto.Web.BodyTimesTests

open System
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Logging
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

let private partHead =
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"B

let private multipart = "multipart/form-data; boundary=x"

/// Every address that takes a body, with a beginning of one.
let internal beginnings =
    let picture = Picture.png 5000

    [
        "/api/classify", "image/png", picture
        "/api/classify", multipart, Array.append partHead picture
        "/", multipart, Array.append partHead picture
        "/", "application/x-www-form-urlencoded", "sample="B
        "/v2/models/squeezenet1_1/infer", "application/json", """{"inputs": [{"name": "image", "data": ["iVBORw"""B
        "/workers", "application/x-www-form-urlencoded", "worker="B
    ]

/// A connection with the beginning of a body that never ends.
let internal stalled (web: WebUnderTest) path contentType (length: int) (beginning: byte[]) =
    task {
        let! socket = web.Raw()
        do! socket.Send(RawConnection.Head(path, contentType, length))
        do! socket.Send beginning
        return socket
    }

let tests =
    testList
        "BodyTimes"
        [
            testTask "a body that pauses longer than Upload:SilenceSeconds gets 408 on every route" {
                use! web = serve [ "--Upload:SilenceSeconds=0.5" ]

                for path, contentType, beginning in beginnings do
                    use! socket = stalled web path contentType 6000 beginning
                    let! line = socket.FirstLine()
                    Expect.stringStarts line "HTTP/1.1 408" $"{path}, {contentType}"
            }

            testTask "a body that never pauses ends at Upload:DeadlineSeconds" {
                use! web = serve [ "--Upload:DeadlineSeconds=2" ]
                use! socket = stalled web "/api/classify" "image/png" 10_000_000 (Picture.png 5000)
                use stop = new CancellationTokenSource()

                let dripping =
                    task {
                        while not stop.IsCancellationRequested do
                            do! socket.Send(Array.zeroCreate<byte> 2000)
                            do! Task.Delay 50
                    }

                let! line = socket.FirstLine()
                stop.Cancel()
                Expect.stringStarts line "HTTP/1.1 408" "the whole body took too long"

                try
                    do! dripping
                with :? IO.IOException ->
                    ()
            }

            testTask "a slow client with pauses is answered" {
                use! web = serve [ "--Upload:SilenceSeconds=10" ]
                let picture = Picture.png 6000
                use! socket = stalled web "/api/classify" "image/png" 6000 [||]

                for piece in Array.chunkBySize 1500 picture do
                    do! socket.Send piece
                    do! Task.Delay 700

                let! line = socket.FirstLine()
                Expect.stringStarts line "HTTP/1.1 200" "answered"
                Expect.equal web.Worker.Pictures [| picture |] "whole"
            }

            testTask "64 stalled uploads hold the budget, and every honest upload is answered" {
                let options = [ "--Upload:MaxBytes=2097152"; "--Upload:MaxBuffered=8388608" ]

                use! web = serve options
                let beginning = Picture.png (512 * 1024 + 1)

                let! attackers =
                    [
                        for _ in 1..64 -> stalled web "/api/classify" "image/png" 2_000_000 beginning
                    ]
                    |> Task.WhenAll

                // Long enough for them to be slow.
                do! Task.Delay 3000

                for _ in 1..20 do
                    do! Http.returns 200 "an honest upload" (classify web (Http.body (Picture.png 400_000)))

                let! answers =
                    [ for _ in 1..4 -> classify web (Http.body (Picture.png 1_500_000)) ]
                    |> Task.WhenAll

                Expect.allEqual (answers |> Array.map Http.status) 200 "four large ones at once"

                for attacker in attackers do
                    (attacker :> IDisposable).Dispose()
            }

            testTask "clients that disconnect during a body leave no error in the log" {
                use! web = serve []

                for isReset in [ true; false ] do
                    for path, contentType, beginning in beginnings do
                        let! socket = stalled web path contentType 6000 beginning
                        do! Task.Delay 200

                        if isReset then
                            socket.Socket.LingerState <- LingerOption(true, 0)

                        (socket :> IDisposable).Dispose()

                do! Http.returns 200 "the node goes on" (classify web (Http.body (Picture.png 100)))
                do! Task.Delay 1000

                let errors =
                    web.Lines.All
                    |> List.filter (fun line -> line.Level >= LogLevel.Error || line.Text.Contains "   at ")
                    |> List.map _.Text

                Expect.equal errors [] "quiet"
            }
        ]
