namespace Protocol.Core

/// Extends FSharp.Core's module.
[<RequireQualifiedAccess>]
module internal Result =

    /// Applies `read` to each item, in order. Returns the results, or the first error.
    let traverse (read: 'item -> Result<'value, 'error>) (items: 'item seq) : Result<'value[], 'error> =
        let values = ResizeArray()
        let mutable error = ValueNone
        use item = items.GetEnumerator()

        while error.IsNone && item.MoveNext() do
            match read item.Current with
            | Ok value -> values.Add value
            | Error reason -> error <- ValueSome reason

        match error with
        | ValueSome reason -> Error reason
        | ValueNone -> Ok(values.ToArray())
