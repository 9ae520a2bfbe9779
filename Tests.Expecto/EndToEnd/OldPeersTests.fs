/// Original clients and workers of the protocol against our nodes.
module Tests.Expecto.EndToEnd.OldPeersTests

open System
open System.Collections.Concurrent
open Expecto
open Tests.Expecto
open Scenarios.Peers

/// What a damaged message looks like: one bit of its fourth byte is another.
let private spoil (message: string) =
    let letters = message.ToCharArray()
    letters[3] <- char (int letters[3] ^^^ 1)
    String letters

let private label (result: string) = (result.Split(',')[0]).Split(':')[0]

let private oldClient =
    testTask "our worker answers an original client, also through damaged messages" {
        let port = Nodes.freePort ()
        use! worker = Nodes.worker port []
        let dog = Repository.photograph "dog.jpg"

        let plain = OldClient port
        let! result = plain.AskAsync dog
        Expect.equal (label result) "Samoyed" "the right answer"
        Expect.equal (List.ofSeq plain.Received |> List.truncate 2) [ "A"; "A" ] "each A in a read of its own"
        Expect.equal plain.Received.Count 3 "then the result in one"
        Expect.equal (result.Split(',').Length) 5 "five pairs"

        // 0: the size, so 1 and 2 are its copies; 3: the image, so 4 and 5 are its copies.
        let sizeDamaged =
            OldClient(port, (fun number message -> if number = 0 then spoil message else message))

        let! result = sizeDamaged.AskAsync dog
        Expect.equal (label result) "Samoyed" "after a damaged size, sent twice more"

        Expect.equal (List.ofSeq sizeDamaged.Received |> List.truncate 3) [ "N"; "A"; "A" ] "one answer for both copies"

        let imageDamaged =
            OldClient(port, (fun number message -> if number = 1 then spoil message else message))

        let! result = imageDamaged.AskAsync dog
        Expect.equal (label result) "Samoyed" "after a damaged image, sent twice more"

        Expect.equal
            (List.ofSeq imageDamaged.Received |> List.truncate 3)
            [ "A"; "N"; "A" ]
            "one answer for both copies"

        let! refused = (OldClient port).AskAsync(Array.create 1000 42uy)
        Expect.equal refused "" "what is no picture gets its N"
        Expect.isFalse worker.HasEnded "and the worker goes on"
    }

let private manyOldClients =
    testTask "thirty original clients at once each read every A by itself" {
        let port = Nodes.freePort ()
        use! _worker = Nodes.worker port []

        let pictures =
            [ "dog.jpg", "Samoyed"; "cheetah1.jpg", "cheetah"; "lion.webp", "lion" ]

        let! answers =
            [
                for number in 0..29 ->
                    task {
                        let name, expected = pictures[number % pictures.Length]
                        let! result = (OldClient port).AskAsync(Repository.photograph name)
                        return label result, expected
                    }
            ]
            |> Threading.Tasks.Task.WhenAll

        for got, expected in answers do
            Expect.equal got expected "the right answer"
    }

/// It hears the image's `A` and the result in one read, as a busy machine may make it.
let private late =
    testTask "an original client that reads the A and the result together gets the result again" {
        let port = Nodes.freePort ()
        use! _worker = Nodes.worker port []

        let delay number =
            TimeSpan.FromMilliseconds(if number = 1 then 700.0 else 0.0)

        let client = OldClient(port, Delay = delay)
        let! result = client.AskAsync(Repository.photograph "cheetah1.jpg")
        Expect.equal (label result) "cheetah" "the right answer"

        match List.ofSeq client.Received with
        | [ "A"; together; alone ] ->
            Expect.stringStarts together "AD " "both in one read"
            Expect.equal alone together[1..] "the same result"
            Expect.equal (result.Split(',').Length) 5 "five pairs"
        | heard -> failtest $"{heard}"
    }

let private oldWorker =
    testTask "our web node uses an original worker" {
        let pictures = ConcurrentQueue<byte[]>()

        use old =
            new OldWorker(fun picture ->
                pictures.Enqueue picture
                "Samoyed:0.9284364581108093,Great Pyrenees:0.014907")

        use! web = Nodes.web [ old.EndPoint.Port ] [ "--Pool:CheckSeconds=0" ]
        let dog = Repository.photograph "dog.jpg"

        for _ in 1..3 do
            let! status, body = web.Classify dog
            Expect.equal status 200 $"{body}"
            let first = body.GetProperty("predictions")[0]
            Expect.equal (first.GetProperty("label").GetString()) "Samoyed" "its words"
            Expect.equal (first.GetProperty("probability").GetDouble()) 0.9284364581108093 "its digits"

        // The user's answer does not wait for the worker to read the last acknowledgement.
        do! Programs.logs 30.0 web.Node (fun () -> old.Served = 3)
        Expect.all pictures (fun picture -> picture = dog) "and got the picture's own bytes"
    }

let private originalsOnly =
    testTask "three original workers stay active while idle and share five concurrent uploads" {
        let named _ =
            "Samoyed:0.9284364581108093,Great Pyrenees:0.014907"

        let workers = [ for _ in 1..3 -> new OldWorker(named) ]

        use! web =
            Nodes.web [ for worker in workers -> worker.EndPoint.Port ] [ "--Pool:CheckSeconds=1" ]

        let checkedTwice () =
            workers |> List.forall (fun worker -> worker.Served >= 3)

        do! Programs.logs 60.0 web.Node checkedTwice
        let! ready = web.Client.GetAsync "/v2/health/ready"
        Expect.equal (int ready.StatusCode) 200 "ready"
        let dog = Repository.photograph "dog.jpg"
        let! answers = Threading.Tasks.Task.WhenAll [ for _ in 1..5 -> web.Classify dog ]

        for status, body in answers do
            Expect.equal status 200 $"{body}"

        let! uses = web.Uses()
        Expect.equal (uses |> List.map snd |> List.sortDescending) [ 2; 2; 1 ] "turns shared"
        Expect.all workers (fun worker -> worker.Died = 1 && worker.Spinning = 0) "one negotiation each"

        for worker in workers do
            (worker :> IDisposable).Dispose()
    }

let private demonstration =
    testTask "all threads of an original client get their answers although their reads are late" {
        let port = Nodes.freePort ()
        use! _worker = Nodes.worker port []
        let random = Random 13
        let dog = Repository.photograph "dog.jpg"
        let mutable together = 0

        for _ in 1..6 do
            let clients =
                [
                    for _ in 1..5 ->
                        let delays =
                            [| for _ in 1..3 -> TimeSpan.FromMilliseconds(float (random.Next 800)) |]

                        OldClient(port, Delay = (fun number -> delays[min number 2]))
                ]

            let! results =
                Threading.Tasks.Task.WhenAll [ for client in clients -> client.AskAsync dog ]

            for result in results do
                Expect.equal (label result) "Samoyed" "the right answer"
                Expect.equal (result.Split(',').Length) 5 "one list, not two"

            for client in clients do
                if client.Received |> Seq.exists _.StartsWith("AD ") then
                    together <- together + 1

        Expect.isGreaterThan together 3 "some took the A and the result for one message"
    }

let tests =
    testList "OldPeers" [ originalsOnly; demonstration; oldClient; manyOldClients; late; oldWorker ]
