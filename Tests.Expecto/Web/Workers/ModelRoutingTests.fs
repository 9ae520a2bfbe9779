/// Requests go to the workers that have their model, and answers name the model that made them.
module Tests.Expecto.Web.ModelRoutingTests

open System
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe

let serves (models: ModelDescription list) : ServedModels =
    {
        Default = models.Head.Id
        Executors = 1
        Revision = String.Join(",", models |> List.map _.Digest)
        Models = Array.ofList models
    }

let worker models =
    let worker = TestWorker.good ()
    worker.Models <- serves models
    worker

let name text =
    match ModelName.tryParse text with
    | ValueSome name -> name
    | ValueNone -> failtest $"{text} is no model's name"

let by text =
    { ClassifyOptions.None with
        Model = ValueSome(name text)
    }

/// Asks so often that every worker in the rotation would have its turn.
let several (engine: WorkersUnderTest) options =
    task {
        let answers = ResizeArray()

        for _ in 1..6 do
            let! result = engine.Classify options

            match result with
            | Ok answer -> answers.Add answer
            | Error reason -> failtest $"{reason}"

        return List.ofSeq answers
    }

let private routed =
    testTask "a request for a model goes only to workers that have it, and others get the default model" {
        use one = worker [ smallModel "squeezenet1_1" "1" ]
        use both = worker [ smallModel "squeezenet1_1" "1"; smallModel "mobilenetv2" "12" ]
        let engine = WorkersUnderTest.start [ one.Address; both.Address ]
        do! engine.Negotiated()

        let! answers = several engine (by "mobilenetv2")

        for answer in answers do
            Expect.equal
                (answer.Worker, answer.Recognition.Model)
                (both.Address, "mobilenetv2")
                "who answered, by which model"

        Expect.equal one.PictureCount 0 "the worker without the model"

        let! answers = several engine ClassifyOptions.None

        Expect.equal (answers |> List.map _.Worker |> List.distinct |> List.length) 2 "the default model is on both"

        for answer in answers do
            Expect.equal answer.Recognition.Model "squeezenet1_1" "the default"
    }

let private confidence =
    testTask "only a worker whose model has a class tree is asked for an answer in it" {
        let tree =
            { smallModel "a" "1" with
                HasTree = true
            }

        use plain =
            worker
                [
                    smallModel "a" "1"
                    { smallModel "b" "1" with
                        HasTree = true
                    }
                ]

        use hedging = worker [ tree; smallModel "b" "1" ]

        let answer: HedgedAnswer =
            {
                Id = "n1"
                Label = "animal"
                Probability = 0.9
                Path = [| { Id = "n1"; Label = "animal" } |]
            }

        for worker in [ plain; hedging ] do
            worker.Transform <-
                Some(fun recognition ->
                    { recognition with
                        Model = "a"
                        Version = "1"
                        Answer = ValueSome answer
                    })

        let engine =
            WorkersUnderTest.startWith
                (fun settings -> { settings with Confidence = 0.65 })
                [ plain.Address; hedging.Address ]

        do! engine.Negotiated()
        let! answers = several engine (by "a")

        for found in answers do
            Expect.equal
                found.Recognition.Answer
                (if found.Worker = hedging.Address then
                     ValueSome answer
                 else
                     // It was not asked for.
                     ValueNone)
                $"{found.Worker}"

        let asked (worker: TestWorker) =
            worker.ReceivedParameters |> Seq.map _.Confidence |> Seq.distinct |> List.ofSeq

        Expect.equal (asked plain) [ ValueNone ] "without a tree"
        Expect.equal (asked hedging) [ ValueSome 0.65 ] "with one"
    }

let private oneDefault =
    testTask "with different defaults the model of most workers, or Pool:Model, answers" {
        use first = worker [ smallModel "b" "1"; smallModel "a" "1" ]
        use second = worker [ smallModel "a" "1"; smallModel "b" "1" ]
        use third = worker [ smallModel "b" "1"; smallModel "a" "1" ]
        let workers = [ first.Address; second.Address; third.Address ]
        let engine = WorkersUnderTest.start workers
        let! _ = engine.Negotiated()
        let! answers = several engine ClassifyOptions.None
        Expect.equal (answers |> List.map _.Recognition.Model |> List.distinct) [ "b" ] "that of most"
        Expect.equal (answers |> List.map _.Worker |> List.distinct |> List.length) 3 "on all"

        let engine =
            WorkersUnderTest.startWith (fun settings -> { settings with Model = Some "a" }) workers

        do! engine.Negotiated()
        let! answers = several engine ClassifyOptions.None
        Expect.equal (answers |> List.map _.Recognition.Model |> List.distinct) [ "a" ] "Pool:Model"
    }

let private versions =
    testTask "a request for a version gets that version or none" {
        use old = worker [ smallModel "m" "1" ]
        use next = worker [ smallModel "m" "2" ]
        let engine = WorkersUnderTest.start [ old.Address; next.Address ]
        do! engine.Negotiated()
        let! answers = several engine (by "m@2")

        for answer in answers do
            Expect.equal (answer.Worker, answer.Recognition.Version) (next.Address, "2") "the version"

        match! engine.Classify(by "m@3") with
        | Error(UnknownModel(name, available)) ->
            Expect.equal (string name, available) ("m@3", [ "m@1"; "m@2" ]) "what there is"
        | other -> failtest $"{other}"
    }

let private unknown =
    testTask "a model that no worker has is unknown, and no worker is asked" {
        use one = worker [ smallModel "squeezenet1_1" "1" ]
        let engine = WorkersUnderTest.start [ one.Address ]
        do! engine.Negotiated()

        match! engine.Classify(by "resnet50") with
        | Error(UnknownModel(name, available)) ->
            Expect.equal (string name, available) ("resnet50", [ "squeezenet1_1@1" ]) "what there is"
        | other -> failtest $"{other}"

        Expect.equal one.PictureCount 0 "asked"
    }

let private away =
    testTask "a model whose worker is away is temporarily unavailable" {
        use one = worker [ smallModel "squeezenet1_1" "1" ]
        use two = worker [ smallModel "mobilenetv2" "1" ]
        let engine = WorkersUnderTest.start [ one.Address; two.Address ]
        do! engine.Negotiated()
        two.Kill()

        let! result = engine.Classify(by "mobilenetv2")
        Expect.equal result (Error NoActiveWorker) "while its worker is out"
        (engine.List :> IWorkerList).Remove two.Address |> ignore
        engine.Client.Forget two.Address
        let! result = engine.Classify(by "mobilenetv2")
        Expect.equal result (Error NoActiveWorker) "just after it has gone"
    }

let tests =
    testList "ModelRouting" [ routed; confidence; oneDefault; versions; unknown; away ]
