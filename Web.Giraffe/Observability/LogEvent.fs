namespace Web.Giraffe

open Microsoft.Extensions.Logging

/// Defines log events. Each is a function of the logger and the values of the message's placeholders, in their order.
[<RequireQualifiedAccess>]
module LogEvent =

    let define0 level id message : ILogger -> unit =
        let write = LoggerMessage.Define(level, id, message)
        fun log -> write.Invoke(log, null)

    let define1 level id message : ILogger -> 'a -> unit =
        let write = LoggerMessage.Define<'a>(level, id, message)
        fun log a -> write.Invoke(log, a, null)

    let define2 level id message : ILogger -> 'a -> 'b -> unit =
        let write = LoggerMessage.Define<'a, 'b>(level, id, message)
        fun log a b -> write.Invoke(log, a, b, null)

    let define3 level id message : ILogger -> 'a -> 'b -> 'c -> unit =
        let write = LoggerMessage.Define<'a, 'b, 'c>(level, id, message)
        fun log a b c -> write.Invoke(log, a, b, c, null)

    let define4 level id message : ILogger -> 'a -> 'b -> 'c -> 'd -> unit =
        let write = LoggerMessage.Define<'a, 'b, 'c, 'd>(level, id, message)
        fun log a b c d -> write.Invoke(log, a, b, c, d, null)

    let define5 level id message : ILogger -> 'a -> 'b -> 'c -> 'd -> 'e -> unit =
        let write = LoggerMessage.Define<'a, 'b, 'c, 'd, 'e>(level, id, message)
        fun log a b c d e -> write.Invoke(log, a, b, c, d, e, null)

    /// Defines an error event with an exception.
    let defineFailure id message : ILogger -> 'a -> exn -> unit =
        let write = LoggerMessage.Define<'a>(LogLevel.Error, id, message)
        fun log a error -> write.Invoke(log, a, error)
