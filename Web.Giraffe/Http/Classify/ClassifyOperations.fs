/// OpenAPI metadata of the classify routes.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.ClassifyOperations

open System
open System.Collections.Generic
open FileFormats
open Protocol.Core
open Web.Giraffe
open Web.Giraffe.Api

let private example: AnswerJson =
    {
        Model = "squeezenet1_1"
        Version = Some "1"
        Independent = None
        Worker = string Examples.worker
        Milliseconds = 9.718
        Attempts = 1
        Cached = None
        Predictions =
            [|
                {
                    Index = Some 258
                    Label = "Samoyed"
                    Probability = 0.9284364581108093
                }
                {
                    Index = Some 259
                    Label = "Pomeranian"
                    Probability = 0.03092595
                }
            |]
        Stages = Some(Dictionary(dict [ "decode", 2.418; "network", 5.872 ]))
        Maps = None
        Unmet = None
    }

let private exampleResults =
    Json.results
        ClassifyOptions.None
        [
            Some "scan.pdf", Error(Upload.problem (NotAPicture(ImageFormat.foreign (ReadOnlySpan "%PDF-"B), 0L)))
            Some "dog.jpg", Error(Problem.ofUnanswered (Overloaded(TimeSpan.FromSeconds 1.0)))
        ]

/// The problems of any uploaded picture, on every route.
let uploadProblems =
    [
        Upload.problem Empty
        Upload.problem NoFile
        Upload.problem (TooLarge(20 <<< 20, 0L))
        Upload.problem (NotAPicture(None, 0L))
        Upload.problem (Encoded "gzip")
        Problem.ofUnanswered NoActiveWorker
        Problem.ofRefusal (
            Refusal.create
                "TooLarge"
                "30000 x 20000 pixels; the limit is 200000000 pixels and 65535 a side. Make the image smaller."
        )
        Problem.ofRefusal (Refusal.create "TooCostly" "2649 scans; the limit is 100. Save it as a baseline JPEG.")
        Problem.ofRefusal (Refusal.create "Damaged" RefusalText.Damaged)
        Problem.ofRefusal Refusal.unexplained
        Problem.ofUnanswered (Overloaded TimeSpan.Zero)
        Problem.ofUnanswered OutOfTime
    ]

let classify =
    Operation.create
        "classify"
        "pictures"
        "Says what is in a picture"
        "The picture is the body, or the field `file` of a multipart form. Of several files, each has its own answer or problem in `results`, in their order, with the status that it would have had alone; the same goes for one in the field `files`. A wish that an old worker can't fulfil is named in `unmet`."
    |> Operation.parameters ClassifyQuery.parameters
    |> Operation.takes (
        List.map Media.binary ImageFormat.mediaTypes
        @ [ Media.files [ "file"; "files" ] ]
    )
    |> Operation.reply
        200
        "What is in it"
        [
            {
                Type = "application/json"
                Shape = Shape.Json [ typeof<AnswerJson>; typeof<ResultsJson> ]
                Examples = [ "One picture", example; "Several", exampleResults ]
            }
        ]
    |> Operation.refuses (
        ClassifyQuery.badTop
        :: ClassifyQuery.badExplain
        :: ClassifyQuery.badModel
        :: Problem.ofUnanswered (UnknownModel(ModelName.ofId "mymodel", [ "squeezenet1_1@1" ]))
        :: ApiGuard.problems
        @ uploadProblems
    )
    |> Operation.requires Keys
