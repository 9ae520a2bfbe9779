namespace Web.Giraffe

open FileFormats

/// The reason why the web node or a worker refuses a picture. Each has a status, and a `code` for programs.
[<RequireQualifiedAccess>]
type PictureRejection =
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
module PictureRejection =
    /// Converts the code on the wire.
    let ofWorker (reason: string) =
        match reason with
        | "TooLarge" -> PictureRejection.TooLarge
        | "TooCostly" -> PictureRejection.TooCostly
        | "Unsupported"
        | "UnknownFormat" -> PictureRejection.Unsupported
        | "Damaged" -> PictureRejection.Damaged
        | _ -> PictureRejection.Undecodable

    let code reason =
        match reason with
        | PictureRejection.TooLarge -> "too-large"
        | PictureRejection.TooCostly -> "too-costly"
        | PictureRejection.Unsupported -> "unsupported"
        | PictureRejection.Damaged -> "damaged"
        | PictureRejection.Undecodable -> "undecodable"

    let status reason =
        match reason with
        | PictureRejection.TooLarge -> 413
        | PictureRejection.Unsupported -> 415
        | PictureRejection.TooCostly
        | PictureRejection.Damaged
        | PictureRejection.Undecodable -> 422

    let title reason =
        match reason with
        | PictureRejection.TooLarge -> "The picture is too large"
        | PictureRejection.TooCostly -> "The picture takes too long to decode"
        | PictureRejection.Unsupported -> "This kind of file isn't supported"
        | PictureRejection.Damaged -> "The picture is damaged"
        | PictureRejection.Undecodable -> "The picture can't be decoded"

    /// Returns the default detail, for a worker that gives none.
    let describe reason =
        match reason with
        | PictureRejection.TooLarge -> RefusalText.TooLarge
        | PictureRejection.TooCostly -> RefusalText.TooCostly
        | PictureRejection.Unsupported -> RefusalText.Unsupported
        | PictureRejection.Damaged -> RefusalText.Damaged
        | PictureRejection.Undecodable -> RefusalText.Undecodable
