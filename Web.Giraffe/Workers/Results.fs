namespace Web.Giraffe

[<RequireQualifiedAccess>]
module Results =
    /// Returns all values in order, or the first error.
    let all (results: Result<'value, 'error> seq) : Result<'value list, 'error> =
        (results, Ok [])
        ||> Seq.foldBack (fun result rest ->
            match result, rest with
            | Error error, _
            | _, Error error -> Error error
            | Ok value, Ok rest -> Ok(value :: rest))
