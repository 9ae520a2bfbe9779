namespace Web.Giraffe

open FileFormats

/// A reason why the web node or a worker refuses a picture, as callers see it.
type PictureRefusal =
    {
        /// The reason for programs.
        Code: string
        Status: int
        Title: string
        /// The detail for a worker that gives none.
        Detail: string
    }

[<RequireQualifiedAccess>]
module PictureRefusal =
    let private create code status title detail =
        {
            Code = code
            Status = status
            Title = title
            Detail = detail
        }

    /// More pixels or memory than the worker's limit, or more bytes than the web node's.
    let tooLarge =
        create "too-large" 413 "The picture is too large" RefusalText.TooLarge

    /// More decoding time than the worker's limit.
    let private tooCostly =
        create "too-costly" 422 "The picture takes too long to decode" RefusalText.TooCostly

    /// Not a picture, or of a format that is not decoded.
    let private unsupported =
        create "unsupported" 415 "This kind of file isn't supported" RefusalText.Unsupported

    /// Pixels are missing or can't be decoded.
    let private damaged =
        create "damaged" 422 "The picture is damaged" RefusalText.Damaged

    /// The worker gives no reason, as in the plain exchange, or one that this node does not have.
    let private undecodable =
        create "undecodable" 422 "The picture can't be decoded" RefusalText.Undecodable

    /// Converts the reason on the wire.
    let ofWorker (reason: string) =
        match reason with
        | "TooLarge" -> tooLarge
        | "TooCostly" -> tooCostly
        | "Unsupported"
        | "UnknownFormat" -> unsupported
        | "Damaged" -> damaged
        | _ -> undecodable
