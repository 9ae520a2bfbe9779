namespace Web.Giraffe

open FileFormats

/// The reason why the web node or a worker refuses a picture. Each has a status, and a `code` for programs.
[<RequireQualifiedAccess>]
type RefusalReason =
    /// More pixels or memory than the worker's limit, or more bytes than the web node's.
    | TooLarge
    /// More decoding time than the worker's limit.
    | TooCostly
    /// Not a picture, or of a format that is not decoded.
    | Unsupported
    /// Pixels are missing or can't be decoded.
    | Damaged
    /// The worker gives no reason, as in the plain exchange, or one that this node does not have.
    | Undecodable

[<RequireQualifiedAccess>]
module RefusalReason =
    /// Converts the code on the wire.
    let ofWorker (reason: string) =
        match reason with
        | "TooLarge" -> RefusalReason.TooLarge
        | "TooCostly" -> RefusalReason.TooCostly
        | "Unsupported"
        | "UnknownFormat" -> RefusalReason.Unsupported
        | "Damaged" -> RefusalReason.Damaged
        | _ -> RefusalReason.Undecodable

    let code reason =
        match reason with
        | RefusalReason.TooLarge -> "too-large"
        | RefusalReason.TooCostly -> "too-costly"
        | RefusalReason.Unsupported -> "unsupported"
        | RefusalReason.Damaged -> "damaged"
        | RefusalReason.Undecodable -> "undecodable"

    let status reason =
        match reason with
        | RefusalReason.TooLarge -> 413
        | RefusalReason.Unsupported -> 415
        | RefusalReason.TooCostly
        | RefusalReason.Damaged
        | RefusalReason.Undecodable -> 422

    let title reason =
        match reason with
        | RefusalReason.TooLarge -> "The picture is too large"
        | RefusalReason.TooCostly -> "The picture takes too long to decode"
        | RefusalReason.Unsupported -> "This kind of file isn't supported"
        | RefusalReason.Damaged -> "The picture is damaged"
        | RefusalReason.Undecodable -> "The picture can't be decoded"

    /// Returns the default detail, for a worker that gives none.
    let describe reason =
        match reason with
        | RefusalReason.TooLarge -> RefusalText.TooLarge
        | RefusalReason.TooCostly -> RefusalText.TooCostly
        | RefusalReason.Unsupported -> RefusalText.Unsupported
        | RefusalReason.Damaged -> RefusalText.Damaged
        | RefusalReason.Undecodable -> RefusalText.Undecodable
