namespace Web.Giraffe

open System
open System.Globalization
open FileFormats
open Protocol.Core

/// The reason why an upload is refused. `bytes` is the number received, as far as known.
type UploadFault =
    | Empty
    | NoFile
    | SeveralFiles
    /// One picture.
    | TooLarge of limit: int * bytes: int64
    /// A request, which may have several pictures.
    | RequestTooLarge of limit: int64 * bytes: int64
    | TooManyFiles of limit: int
    /// `format` is none for an unknown format.
    | NotAPicture of format: FileFormat option * bytes: int64
    | Encoded of encoding: string
    | BadRequest of status: int * what: string
    /// The options, or the part of the request that carries them, are invalid.
    | Invalid of Problem
    | OutOfRoom

[<RequireQualifiedAccess>]
module UploadFault =
    let megabytes (bytes: int64) =
        if bytes >= (1L <<< 20) && bytes % (1L <<< 20) = 0L then
            $"{bytes >>> 20} MiB"
        else
            bytes.ToString("N0", CultureInfo.InvariantCulture) + " bytes"

    let problem =
        function
        | Empty -> Problem.create 400 "Empty file" "The file is empty. Choose another one."
        | NoFile ->
            Problem.create 400 "No picture chosen" "Choose a picture first. (A program sends it in the field 'file'.)"
        | SeveralFiles -> Problem.create 400 "Several files" "Send one picture at a time."
        | TooLarge(limit, _) ->
            { Problem.create
                  413
                  "The file is too large"
                  $"A picture may have up to {megabytes (int64 limit)}. Make it smaller, then try again." with
                Code = Some PictureRefusal.tooLarge.Code
            }
        | RequestTooLarge(limit, _) ->
            { Problem.create
                  413
                  "The request is too large"
                  $"A request to this address may have up to {megabytes limit}. Send a smaller one, or several." with
                Code = Some "request-too-large"
            }
        | TooManyFiles limit ->
            { Problem.create
                  400
                  "Too many files"
                  $"A request may have up to {limit} files (Upload:MaxFiles). Send the remaining files in another request." with
                Code = Some "too-many-files"
            }
        | NotAPicture(Some format, _) ->
            { Problem.ofRefusal (Refusal.create "Unsupported" format.Refusal) with
                Title = $"{format.Name} isn't supported"
            }
        | NotAPicture(None, _) -> Problem.ofRefusal (Refusal.create "UnknownFormat" RefusalText.UnknownFormat)
        | Encoded encoding ->
            Problem.create
                415
                "Unsupported Content-Encoding"
                $"The Content-Encoding '{encoding}' is not supported. Send the body as it is, or in gzip or deflate."
        | Invalid problem -> problem
        | BadRequest(408, what) -> Problem.create 408 "The upload took too long" what
        | BadRequest(status, what) -> Problem.create status "The upload is invalid" what
        | OutOfRoom -> Problem.ofUnanswered (Overloaded(TimeSpan.FromSeconds 2.0))

    let bytes =
        function
        | TooLarge(_, bytes)
        | RequestTooLarge(_, bytes)
        | NotAPicture(_, bytes) -> bytes
        | _ -> 0L
