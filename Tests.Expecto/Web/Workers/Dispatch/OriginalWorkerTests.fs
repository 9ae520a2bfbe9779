/// Original workers: pictures that end their threads, images that must be sent to their end, and their health checks.
module Tests.Expecto.Web.OriginalWorkerTests

open System
open System.Buffers
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Protocol.Core
open SixLabors.ImageSharp
open SixLabors.ImageSharp.Formats
open SixLabors.ImageSharp.Formats.Png
open SixLabors.ImageSharp.PixelFormats
open Web.Giraffe
open Scenarios.Peers

let private named _ = "Samoyed:0.9284364581108093"
let private addressOf (worker: OldWorker) = TestWorker.addressOf worker.EndPoint

/// The silence is short enough to wait for, and long enough for a busy machine.
let private settings =
    { WorkersUnderTest.settings with
        Client.Silence = TimeSpan.FromSeconds 2.0
        Client.Exchange = TimeSpan.FromSeconds 10.0
    }

let private start workers =
    WorkersUnderTest.negotiatedWith (fun _ -> settings) workers

let private classify (service: WorkersUnderTest) picture =
    service.Classify(picture, CancellationToken.None)

let private isActive (service: WorkersUnderTest) address =
    let row = service.Row address
    row.State = Active && row.Failures = 0L

let made (encoder: IImageEncoder) alpha =
    use image = new Image<Rgba32>(16, 16, Rgba32(200uy, 80uy, 40uy, alpha))
    MadePictures.save encoder image

let png colours =
    made (MadePictures.png colours PngBitDepth.Bit8) 100uy

let rgba = png PngColorType.RgbWithAlpha

let jpeg colours =
    made (MadePictures.jpeg 90 colours) 255uy

let private deadly = Array.create 3000 66uy

let private diesOnDeadly (picture: byte[]) =
    if picture = deadly then
        failwith "four channels"
    else
        named ()

let private alone =
    testTask "a picture that ends the only worker's thread is refused" {
        use worker = new OldWorker(diesOnDeadly)
        let address = addressOf worker
        let! service = start [ address ]

        for _ in 1..3 do
            match! classify service deadly with
            | Error(ImageRefused(_, refusal)) -> Expect.isNotEmpty refusal.Detail "what to do"
            | other -> failtest $"{other}"

            Expect.isTrue (isActive service address) "still active"
            let! result = service.Classify()
            Expect.isOk result "another user's picture"
    }

let private beside =
    testTask "a picture that ends an original worker's thread is answered by a new worker, and none is ejected" {
        use old = new OldWorker(diesOnDeadly)
        use fresh = TestWorker.good ()
        let addresses = [ addressOf old; fresh.Address ]
        let! service = start addresses
        let! result = classify service deadly
        Expect.equal (Expect.wantOk result "answered").Worker fresh.Address "by the new one"
        Expect.all addresses (isActive service) "both active"
    }

let private hangs =
    testTask "a worker that gives no answer to any picture is ejected" {
        use worker = new OldWorker(fun _ -> failwith "broken")
        let! service = start [ addressOf worker ]
        let! result = service.Classify()
        Expect.equal result (Error NoActiveWorker) "no answer"
        Expect.isTrue (service.Row(addressOf worker)).State.IsEjected "ejected"
    }

let private transparent =
    testTask "transparent pictures go to new workers, or are refused at once if all workers are originals" {
        use old = new OldWorker(fun _ -> failwith "never sent")
        use fresh = TestWorker.good ()
        let! mixed = start [ addressOf old; fresh.Address ]

        for _ in 1..4 do
            let! result = classify mixed rgba
            Expect.equal (Expect.wantOk result "answered").Worker fresh.Address "the new one"

        let! originals = start [ addressOf old ]
        let before = old.Accepted

        match! classify originals rgba with
        | Error(ImageRefused(_, refusal)) -> Expect.stringContains refusal.Detail "transparency" "why"
        | other -> failtest $"{other}"

        Expect.equal old.Accepted before "not sent"
        Expect.isTrue (isActive originals (addressOf old)) "active"
    }

/// Sends a picture that takes seconds to a worker that reads slowly, lets `leave` end the wait for it, and waits until the
/// worker has all of it.
let private sentToItsEnd name span (leave: CancellationTokenSource -> unit) isExpected =
    testTask name {
        let got = TaskCompletionSource<byte[]>()

        use worker =
            new OldWorker(fun picture ->
                got.TrySetResult picture |> ignore
                named ())

        worker.ReadDelay <- TimeSpan.FromMilliseconds 1.0

        use client = WorkersUnderTest.client settings.Client
        let picture = Array.init 4_000_000 (fun index -> byte (index * 31))
        let memory = Array.copy picture
        use gone = new CancellationTokenSource()
        let watch = Stopwatch.StartNew()

        let exchange =
            client.Begin(addressOf worker, ReadOnlySequence memory, ClassifyOptions.None, span, gone.Token)

        do! WorkersUnderTest.eventually "connected" (fun () -> worker.Accepted = 1)
        leave gone
        do! Task.WhenAny exchange.Outcome :> Task
        Expect.isTrue (isExpected exchange.Outcome) $"{exchange.Outcome.Status}"
        let waited = watch.Elapsed
        // The caller may reuse its memory.
        Array.Clear memory
        let! picturesGot = got.Task.WaitAsync(TimeSpan.FromSeconds 60.0)
        Expect.isTrue (picturesGot.AsSpan().SequenceEqual(ReadOnlySpan picture)) "the whole picture"
        Expect.isLessThan waited watch.Elapsed "the caller did not wait for it"
        do! exchange.WaitForCompletion().WaitAsync(TimeSpan.FromSeconds 60.0)
        Expect.equal worker.Spinning 0 "no thread spins"
    }

let private userGone =
    sentToItsEnd
        "an image is sent to its end when its user has gone"
        (TimeSpan.FromSeconds 60.0)
        (fun gone -> gone.CancelAfter 300)
        _.IsCanceled

let private outOfTime =
    sentToItsEnd "an image is sent to its end when its time is over" (TimeSpan.FromSeconds 0.7) ignore (fun outcome ->
        outcome.IsCompletedSuccessfully
        && outcome.Result = Failed(Failure.at Stage.Image Cause.TimedOut, ""))

let private idle =
    testTask "an original worker stays active while idle, is ejected when killed, and comes back" {
        use worker = new OldWorker(named)
        let address = addressOf worker
        use checks = new CheckedWorkers(settings, [ address ])
        do! checks.Service.Negotiated()
        do! checks.Start()
        do! checks.Until("six checks", (fun () -> worker.Served >= 6))
        Expect.isTrue (isActive checks.Service address) "active"
        Expect.equal worker.Died 1 "negotiated with once"
        worker.Kill()
        do! checks.Until("ejected", (fun () -> (checks.State address).IsEjected))
        do! worker.RestartAsync(TimeSpan.FromSeconds 90.0)
        do! checks.Until("back", (fun () -> checks.State address = Active))
        let! result = checks.Service.Classify()
        Expect.isOk result "and answers"
    }

let tests =
    testList "OriginalWorker" [ alone; beside; hangs; transparent; userGone; outOfTime; idle ]
