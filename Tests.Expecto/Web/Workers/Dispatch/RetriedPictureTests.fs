/// A picture that workers fail on is sent to one other worker, whatever `Pool:MaxAttempts` allows.
module internal Tests.Expecto.Web.RetriedPictureTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web

let private sentToTwo name behaviour =
    testTask $"a picture that {name} workers is sent to two at most" {
        let workers = [ for _ in 1..5 -> new TestWorker(behaviour) ]
        let service = WorkersUnderTest.start (TestWorker.addresses workers)
        let! result = service.Classify()
        Expect.isError result "no answer"
        let sent = workers |> List.filter (fun worker -> worker.PictureCount > 0)
        Expect.hasLength sent 2 "the first and one other"

        for worker in workers do
            (worker :> System.IDisposable).Dispose()
    }

let tests =
    testList "RetriedPicture" [ sentToTwo "ends" (DiesBefore 2); sentToTwo "hangs" (Stalls(2, 0)) ]
