/// Models with more classes than an extended exchange lists, in front of workers that return their values and of others.
module Tests.Expecto.Web.LongRowsTests

open Expecto
open Tests.Expecto
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.LargeModel

let private long =
    testTask "a model of 2,500 classes has its whole row of probabilities" {
        use! web = serveLarge true

        let! json =
            Http.jsonWith 200 "the whole row" (infer web "large" (inferJson [ 7 ] "[]"))

        let row = json.GetProperty("outputs").[0]
        Expect.equal (row.GetProperty("shape").GetRawText()) "[1,2500]" "its shape"

        Expect.equal (row.GetProperty("data").[2499].GetSingle()) (2499.0f / 10_000_000.0f) "the last class"

        Expect.equal (json.GetProperty("outputs").[1].GetProperty("data").[0].GetString()) "class 2499" "the label"

        let asked = Array.last web.Worker.ReceivedParameters
        Expect.equal (asked.Top, asked.Values) (ValueSome 1, true) "in one piece"
    }

let private lacking =
    testTask "a worker that describes no tensors is not asked for any" {
        use! web = serveLarge false
        do! Http.returns 404 "no second name" (web.Send("GET", "/v2/models/large.tensor"))
        do! Http.returns 200 "the label needs none" (infer web "large" (inferJson [ 7 ] """[{"name":"label"}]"""))

        Expect.isFalse
            (web.Worker.ReceivedParameters
             |> Array.exists (fun asked -> asked.Tensor || asked.Values))
            "nothing that it would decline"
    }

let tests = testList "LongRows" [ long; lacking ]
