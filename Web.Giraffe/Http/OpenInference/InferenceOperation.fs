/// What the OpenAPI metadata of the inference protocols has in common.
module Web.Giraffe.Handlers.InferenceOperation

open Web.Giraffe
open Web.Giraffe.Api
open Web.Giraffe.Inference

/// Creates an operation of the group `inference`.
let operation id summary description =
    Operation.create id "inference" summary description

/// Adds the problems as the protocol writes them.
let fails (problems: Problem list) operation =
    (operation,
     problems
     |> List.map InferenceService.ofProblem
     |> List.groupBy _.Status
     |> List.sortBy fst)
    ||> List.fold (fun operation (status, problems) ->
        operation
        |> Operation.reply
            status
            (problems |> List.map _.Title |> List.distinct |> String.concat ", or ")
            [
                Media.json (
                    problems
                    |> List.distinctBy _.Title
                    |> List.map (fun problem -> problem.Title, ({ Error = problem.Detail }: InferenceError))
                )
            ])

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
        InferenceService.wrong wrong
        unknownModel
        InferenceService.unsupportedByWorker $"The worker {Examples.worker} supports only the plain exchange."
    ]
    @ ApiGuard.problems
    @ (ClassifyOperations.uploadProblems
       |> List.filter (fun problem -> problem.Status <> 400))
