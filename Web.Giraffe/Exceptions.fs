namespace Web.Giraffe

open System.Runtime.ExceptionServices

[<RequireQualifiedAccess>]
module Exceptions =

    /// Throws the exception again with its stack trace, which `raise` would replace. `reraise` does not exist in a task.
    let rethrow (error: exn) : 'any =
        ExceptionDispatchInfo.Throw error
        raise error
