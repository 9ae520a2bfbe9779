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
        Answer =
            Some
                {
                    Id = Some "n02111889"
                    Label = Some "Samoyed"
                    Probability = 0.9284364581108093
                    Path =
                        [|
                            { Id = "n00015388"; Label = "animal" }
                            { Id = "n02084071"; Label = "dog" }
                            { Id = "n02111889"; Label = "Samoyed" }
                        |]
                }
        Stages = Some(Dictionary(dict [ "decode", 2.418; "network", 5.872 ]))
        Maps = None
        Unmet = None
    }

let private exampleResults: ResultsJson =
    let request = ClassifyRequest.ofOptions ClassifyOptions.None

    let problems =
        [
            "scan.pdf", UploadFault.problem (NotAPicture(ImageFormat.foreign (ReadOnlySpan "%PDF-"B), 0L))
            "dog.jpg", Problem.ofUnanswered (Overloaded(TimeSpan.FromSeconds 1.0))
        ]

    {
        Results =
            [|
                {
                    Index = Some 0
                    File = Some "samoyed.jpg"
                    Status = 200
                    Answer = Some example
                    Problem = None
                }
                for index, (name, problem) in List.indexed problems do
                    Json.file request (index + 1) (Some name) (Error problem)
            |]
    }

let private exampleImage =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

let private examplePicture: PictureJson =
    {
        Image = exampleImage
        Top = Some 3
        Model = Some "squeezenet1_1"
        Explain = None
        Threshold = Some 0.1
        Labels = None
    }

let private exampleHuggingFace: HuggingFaceJson =
    {
        Inputs = exampleImage
        Parameters = Some { TopK = Some 3 }
    }

/// The problems of any uploaded picture, on every route.
let uploadProblems =
    [
        UploadFault.problem Empty
        UploadFault.problem NoFile
        UploadFault.problem (TooLarge(20 <<< 20, 0L))
        UploadFault.problem (NotAPicture(None, 0L))
        UploadFault.problem (Encoded "gzip")
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

let private optionProblems =
    [
        ClassifyQuery.badTop
        ClassifyQuery.badExplain
        ClassifyQuery.badModel
        ClassifyQuery.badThreshold
        LabelSelection.badLabel
        LabelSelection.tooMany
        ClassifyQuery.unknown "query parameter" ClassifyQuery.names "top_k"
        Problem.ofUnanswered (UnknownModel(ModelName.ofId "mymodel", [ "squeezenet1_1@1" ]))
    ]

let private pictureMedia = List.map Media.binary ImageFormat.mediaTypes

let classify =
    Operation.create
        "classify"
        "pictures"
        "Classifies a picture"
        "Send the picture as the body, in base64 as JSON, or as the single file of a multipart form, in a field of any name; the form's other fields are options, by the names of the query parameters. Options an older worker doesn't support are listed in `unmet`."
    |> Operation.parameters ClassifyQuery.parameters
    |> Operation.takes (
        Media.json [ "A picture", examplePicture ] :: pictureMedia
        @ [ Media.file "file" ]
    )
    |> Operation.reply 200 "The classes" [ Media.json [ "A dog", example ] ]
    |> Operation.refuses (
        optionProblems
        @ ApiGuard.problems
        @ uploadProblems
        @ [
            UploadFault.problem (TooManyFiles 64)
            UploadFault.problem (RequestTooLarge(256L <<< 20, 0L))
        ]
    )
    |> Operation.requires Keys

let batch =
    Operation.create
        "classifyBatch"
        "pictures"
        "Classifies several pictures"
        "Each file of the multipart form has an answer or a problem, in the order of the files, with the status that it would have had alone. With `Accept: application/x-ndjson`, each result is a line of JSON, sent as soon as it is ready; `index` is the file's place in the form."
    |> Operation.parameters ClassifyQuery.parameters
    |> Operation.takes [ Media.files [ "files" ] ]
    |> Operation.reply
        200
        "The results"
        [
            Media.json [ "An answer and two problems", exampleResults ]
            Media.ofType<FileJson> "application/x-ndjson"
        ]
    |> Operation.refuses (
        ClassifyHandlers.noForm :: optionProblems
        @ ApiGuard.problems
        @ [
            UploadFault.problem NoFile
            UploadFault.problem (TooManyFiles 64)
            UploadFault.problem (RequestTooLarge(256L <<< 20, 0L))
            UploadFault.problem (Encoded "gzip")
            UploadFault.problem OutOfRoom
        ]
    )
    |> Operation.requires Keys

let huggingFace =
    Operation.create
        "huggingFace"
        "pictures"
        "Classifies a picture, as Hugging Face's clients ask for it"
        "The image classification of Hugging Face's inference API: the picture as the body, or in base64 as `inputs`."
    |> Operation.parameters (
        Parameter.path "model" "The model, as `id` or `id@version`."
        :: ClassifyQuery.filters
    )
    |> Operation.takes (Media.json [ "A picture", exampleHuggingFace ] :: pictureMedia)
    |> Operation.reply
        200
        "The classes, most probable first"
        [
            Media.json
                [
                    "A dog",
                    [|
                        ({
                            Label = "Samoyed"
                            Score = 0.9284364581108093
                        }
                        : ScoreJson)
                    |]
                ]
        ]
    |> Operation.fails (optionProblems @ ApiGuard.problems @ uploadProblems)
    |> Operation.requires Keys
