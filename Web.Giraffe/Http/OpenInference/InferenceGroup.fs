/// The shared parts of the OpenAPI metadata of the group `inference`.
module Web.Giraffe.Handlers.InferenceGroup

open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference

/// Creates an operation of the group `inference`.
let operation id summary description =
    Operation.create id "inference" summary description

/// Adds the problems as the protocol writes them.
let fails (problems: Problem list) =
    Operation.fails (List.map InferenceService.ofProblem problems)

/// Adds the responses of a readiness route: 200, its problems, and 503.
let readiness (answer: bool -> 'answer) problems operation =
    operation
    |> Operation.reply 200 "It is ready" [ Media.json [ "Ready", answer true ] ]
    |> fails problems
    |> Operation.reply 503 "It is not" [ Media.json [ "Not ready", answer false ] ]

let unknownModel =
    Problem.create 404 "No such model" "There is no model 'mymodel'; this server has 'squeezenet1_1'."

let name = Parameter.path "model" "The model's name, `squeezenet1_1`."
let version = Parameter.path "version" "The model's version, `1`."

/// A model's route without the version and with it.
type Versions =
    {
        Latest: Operation
        Versioned: Operation
    }

/// Returns the operation of a model and of its version.
let versions (operation: Operation) =
    {
        Latest =
            { operation with
                Parameters = name :: operation.Parameters
            }
        Versioned =
            { operation with
                Id = operation.Id + "Version"
                Parameters = name :: version :: operation.Parameters
            }
    }

/// The problems of a request with pictures; `wrong`: an example of a wrong request.
let pictureProblems wrong =
    [
        Problem.wrong wrong
        unknownModel
        InferenceService.unsupportedByWorker $"The worker {Examples.worker} supports only the plain exchange."
    ]
    @ ApiGuard.problems
    @ (ClassifyOperations.uploadProblems
       |> List.filter (fun problem -> problem.Status <> 400))
