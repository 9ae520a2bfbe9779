/// Workers whose models change, and workers that answer with another model than the request's.
module Tests.Expecto.Web.ModelChangesTests

open System
open Expecto
open Tests.Expecto
open Protocol.Core
open Web.Giraffe
open Tests.Expecto.Web.ModelRoutingTests

let private changed =
    testTask "a request goes on from a worker that no longer has the model, which stays active" {
        use lost = worker [ smallModel "a" "1"; smallModel "m" "1" ]
        use has = worker [ smallModel "a" "1"; smallModel "m" "1" ]
        let! service = WorkersUnderTest.negotiated [ lost.Address; has.Address ]
        lost.Models <- serves [ smallModel "a" "1" ]
        lost.Behaviour <- Refuses(Refusal.create "NoSuchModel" "This worker has no model 'm'.")

        let! answers = several service (by "m")
        Expect.all answers (fun answer -> answer.Worker = has.Address) "by the other one"
        Expect.equal (service.Row lost.Address).State WorkerStatus.Active "not its failure"

        do!
            WorkersUnderTest.eventually "the model is known to be gone" (fun () ->
                service.Models.Served lost.Address = [ "a@1" ])
    }

let private revised =
    testTask "a result with another revision makes the web node read the models again" {
        use one = worker [ smallModel "a" "1" ]
        let! service = WorkersUnderTest.negotiated [ one.Address ]
        Expect.equal (service.Models.Served one.Address) [ "a@1" ] "before"
        let later = serves [ smallModel "a" "2"; smallModel "b" "1" ]
        one.Models <- later

        one.Behaviour <-
            Recognizes(fun _ _ ->
                Recognition.ofPredictions TestWorker.predictions
                |> Recognition.withRevision later.Revision)

        let! result = service.Classify ClassifyOptions.None
        Expect.isOk result "answered"

        do!
            WorkersUnderTest.eventually "the new list is known" (fun () ->
                service.Models.Served one.Address = [ "a@2"; "b@1" ])
    }

let private older =
    testTask "a worker without model descriptions serves only the default model" {
        use old = TestWorker.good ()
        old.Refusal <- ValueSome "N"B
        let! service = WorkersUnderTest.negotiated [ old.Address ]
        let! result = service.Classify(by "squeezenet1_1")
        Expect.equal (result |> Result.map _.Recognition.Model) (Ok "squeezenet1_1") "the default by its name"

        match! service.Classify(by "mobilenetv2") with
        | Error(UnknownModel _) -> ()
        | other -> failtest $"{other}"
    }

let private olderOther =
    testTask "an answer of another model is refused, also from a worker without model descriptions" {
        let squeezenet _ _ =
            { Recognition.ofPredictions TestWorker.predictions with
                Model = "squeezenet1_1"
            }

        use old = new TestWorker(Recognizes squeezenet)
        old.RejectsDescribe <- true

        let! service =
            WorkersUnderTest.negotiatedWith
                (fun settings ->
                    { settings with
                        Model = Some "mobilenetv2"
                    })
                [ old.Address ]

        let! result = service.Classify(by "mobilenetv2")
        Expect.equal result (Error NoActiveWorker) "by its name"
        let! result = service.Classify ClassifyOptions.None

        Expect.equal (result |> Result.map _.Recognition.Model) (Ok "squeezenet1_1") "the worker's name for it"
    }

let private wrongModel =
    testTask "an answer of another model is the worker's failure" {
        use lyingWorker = worker [ smallModel "a" "1"; smallModel "m" "1" ]

        lyingWorker.Transform <-
            Some(fun recognition ->
                { recognition with
                    Model = "a"
                    Version = "1"
                })

        let! service = WorkersUnderTest.negotiated [ lyingWorker.Address ]
        let! result = service.Classify(by "m")
        Expect.isError result "no answer"
        Expect.equal (service.Row lyingWorker.Address).Failures 1L "its failure"
    }

let tests =
    testList "ModelChanges" [ changed; revised; older; olderOther; wrongModel ]
