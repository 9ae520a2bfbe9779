/// A picture that a worker ends on is given to one other worker, whatever `Pool:MaxAttempts` allows.
module internal Tests.Expecto.Web.RetriedPictureTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web

let private workers behaviour =
    [ for _ in 1..5 -> new TestWorker(behaviour) ]

/// How many of five such workers get the picture. One that fails on it is asked for another one, too.
let private given behaviour =
    task {
        let workers = workers behaviour
        let engine = WorkersUnderTest.start [ for worker in workers -> worker.Address ]
        let! result = engine.Classify()
        Expect.isError result "nobody answers"

        let given =
            workers |> List.filter (fun worker -> worker.Pictures.Length > 0) |> List.length

        for worker in workers do
            (worker :> System.IDisposable).Dispose()

        return given
    }

let tests =
    testList
        "RetriedPicture"
        [
            testTask "a picture that ends workers is sent to two at most" {
                let! given = given (DiesBefore 2)
                Expect.equal given 2 "the first and one other"
            }

            testTask "a picture that hangs workers is sent to two at most" {
                let! given = given (Stalls(2, 0))
                Expect.equal given 2 "the first and one other"
            }
        ]
