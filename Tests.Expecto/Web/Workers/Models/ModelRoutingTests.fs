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

/// Sends so many requests that every worker in the rotation would receive one.
let several (service: WorkersUnderTest) options =
    task {
        let answers = ResizeArray()

        for _ in 1..6 do
            let! result = service.Classify options
            answers.Add(Expect.wantOk result "answered")

        return List.ofSeq answers
    }

/// The workers and models that made the answers.
let private makers (answers: Classification list) =
    answers
    |> List.map (fun answer -> answer.Worker, answer.Recognition.Model)
    |> List.distinct

let private routed =
    testTask "a request for a model goes only to workers that have it, and others get the default model" {
        use one = worker [ smallModel "squeezenet1_1" "1" ]
        use both = worker [ smallModel "squeezenet1_1" "1"; smallModel "mobilenetv2" "12" ]
        let! service = WorkersUnderTest.negotiated [ one.Address; both.Address ]
        let! answers = several service (by "mobilenetv2")
        Expect.equal (makers answers) [ both.Address, "mobilenetv2" ] "the one with the model"
        Expect.equal one.PictureCount 0 "the worker without the model"
        let! answers = several service ClassifyOptions.None

        Expect.equal
            (makers answers |> set)
            (set [ one.Address, "squeezenet1_1"; both.Address, "squeezenet1_1" ])
            "the default model is on both"
    }

let private confidence =
    testTask "only a worker whose model has a class tree receives the confidence" {
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

        let! service =
            WorkersUnderTest.negotiatedWith
                (fun settings -> { settings with Confidence = 0.65 })
                [ plain.Address; hedging.Address ]

        let! answers = several service (by "a")

        for found in answers do
            let expected =
                if found.Worker = hedging.Address then
                    ValueSome answer
                else
                    ValueNone

            Expect.equal found.Recognition.Answer expected $"{found.Worker}"

        let confidences (worker: TestWorker) =
            worker.ReceivedParameters |> Seq.map _.Confidence |> Seq.distinct |> List.ofSeq

        Expect.equal (confidences plain) [ ValueNone ] "without a tree"
        Expect.equal (confidences hedging) [ ValueSome 0.65 ] "with one"
    }

let private oneDefault =
    testTask "with different defaults the model of most workers, or Pool:Model, answers" {
        use first = worker [ smallModel "b" "1"; smallModel "a" "1" ]
        use second = worker [ smallModel "a" "1"; smallModel "b" "1" ]
        use third = worker [ smallModel "b" "1"; smallModel "a" "1" ]
        let workers = [ first.Address; second.Address; third.Address ]
        let! service = WorkersUnderTest.negotiated workers
        let! answers = several service ClassifyOptions.None
        Expect.equal (makers answers |> set) (set [ for worker in workers -> worker, "b" ]) "that of most, on all"

        let! service =
            WorkersUnderTest.negotiatedWith (fun settings -> { settings with Model = Some "a" }) workers

        let! answers = several service ClassifyOptions.None
        Expect.all answers (fun answer -> answer.Recognition.Model = "a") "Pool:Model"
    }

let private versions =
    testTask "a request for a version gets that version or none" {
        use old = worker [ smallModel "m" "1" ]
        use next = worker [ smallModel "m" "2" ]
        let! service = WorkersUnderTest.negotiated [ old.Address; next.Address ]
        let! answers = several service (by "m@2")

        Expect.all
            answers
            (fun answer -> (answer.Worker, answer.Recognition.Version) = (next.Address, "2"))
            "the version"

        match! service.Classify(by "m@3") with
        | Error(UnknownModel(name, available)) ->
            Expect.equal (string name, available) ("m@3", [ "m@1"; "m@2" ]) "the available models"
        | other -> failtest $"{other}"
    }

let private unknown =
    testTask "a request for a model that no worker has reaches no worker" {
        use one = worker [ smallModel "squeezenet1_1" "1" ]
        let! service = WorkersUnderTest.negotiated [ one.Address ]

        match! service.Classify(by "resnet50") with
        | Error(UnknownModel(name, available)) ->
            Expect.equal (string name, available) ("resnet50", [ "squeezenet1_1@1" ]) "the available models"
        | other -> failtest $"{other}"

        Expect.equal one.PictureCount 0 "pictures"
    }

let private away =
    testTask "a model whose worker is away is temporarily unavailable" {
        use one = worker [ smallModel "squeezenet1_1" "1" ]
        use two = worker [ smallModel "mobilenetv2" "1" ]
        let! service = WorkersUnderTest.negotiated [ one.Address; two.Address ]
        two.Kill()

        let! result = service.Classify(by "mobilenetv2")
        Expect.equal result (Error NoActiveWorker) "while its worker is ejected"
        service.Operator.Remove two.Address |> ignore
        service.Client.Forget two.Address
        let! result = service.Classify(by "mobilenetv2")
        Expect.equal result (Error NoActiveWorker) "just after it has gone"
    }

let tests =
    testList "ModelRouting" [ routed; confidence; oneDefault; versions; unknown; away ]
