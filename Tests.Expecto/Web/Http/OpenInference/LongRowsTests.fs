/// Models with more classes than an extended exchange lists, in front of workers that return their values and of others.
module Tests.Expecto.Web.LongRowsTests

open Expecto
open Protocol.Core
open Tests.Expecto.Web.InferenceUnderTest
open Tests.Expecto.Web.LargeModel

let private long =
    testCaseTask "a model of 2,500 classes has its whole row of probabilities"
    <| fun () ->
        serving true (fun web worker ->
            task {
                let! answer =
                    infer
                        web
                        "large"
                        $$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{base64 7}}"]}]}"""

                let! json = Http.json answer
                Expect.equal (Http.status answer) 200 (json.GetRawText().Substring(0, 100))
                let row = json.GetProperty("outputs").[0]
                Expect.equal (row.GetProperty("shape").GetRawText()) "[1,2500]" "its shape"

                Expect.equal (row.GetProperty("data").[2499].GetSingle()) (2499.0f / 10_000_000.0f) "the last class"

                Expect.equal
                    (json.GetProperty("outputs").[1].GetProperty("data").[0].GetString())
                    "class 2499"
                    "the label"

                let asked = Array.last worker.ReceivedParameters
                Expect.equal (asked.Top, asked.Values) (ValueSome 1, true) "in one piece"
            })

let private lacking =
    testCaseTask "a worker that describes no tensors is not asked for any"
    <| fun () ->
        serving false (fun web worker ->
            task {
                let! answer = web.Send("GET", "/v2/models/large.tensor")
                Expect.equal (Http.status answer) 404 "no second name"

                let! answer =
                    infer
                        web
                        "large"
                        $$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{base64 7}}"]}],"outputs":[{"name":"label"}]}"""

                Expect.equal (Http.status answer) 200 "the label needs none"

                Expect.isFalse
                    (worker.ReceivedParameters
                     |> Array.exists (fun asked -> asked.Tensor || asked.Values))
                    "nothing that it would decline"
            })

let tests = testList "LongRows" [ long; lacking ]
