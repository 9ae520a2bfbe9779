namespace Protocol.Core

/// The reason why bytes are not the expected message. Every reason has a code (`Malformed.code`), which the
/// conformance vectors use, and a sentence (`Malformed.describe`).
type Malformed =
    /// A message of this kind starts with `D` and a space.
    | NotData of first: byte
    /// An answer is `A` or `N`.
    | NotAnAnswer of first: byte
    /// No space within the longest possible size.
    | SizeNotEnded
    | SizeNotDecimal
    | SizeZero
    /// Base64 with padding has a length divisible by 4.
    | SizeNotBase64 of size: int64
    | SizeOverLimit of size: int64 * limit: int
    /// The payload's length is not followed by a space.
    | ImageNotEnded
    /// The checksum is not a mark and its digits.
    | ChecksumNotDigits
    | ChecksumMismatch of received: int64 * computed: int64
    | NotBase64
    | ResultOverLimit of limit: int
    | NotUtf8
    /// A `label:probability` pair without a colon, or with two.
    | MalformedPair
    | LabelEmpty
    | ProbabilityNotDecimal
    | ProbabilityOutOfRange
    /// A byte at a point where the peer must not send any.
    | Unexpected of first: byte
    | UnknownParameter of name: string
    /// A parameter with an invalid value.
    | ParameterValue of name: string
    /// The result is not the requested JSON object.
    | NotJson
    /// The result answers a different size, because the size was damaged in transit.
    | SizeHashMismatch
    /// A refusal's reason or detail is too long, or not one line of printable characters.
    | RefusalText
    /// A recognition without a class.
    | NoClasses
    | TooManyClasses of count: int * limit: int
    | IndexOutOfRange of index: int
    /// A result contains a class twice, or a class name more often than the limit allows.
    | DuplicateClass
    | LabelTooLong
    /// The classes are not sorted by descending probability.
    | NotDescending
    /// The sum of the probabilities is greater than 1.
    | ProbabilitySum
    /// A map has no class in the result, is the second one of its class, or has its lowest value above its highest, or infinite ones.
    | MapNotOfClass
    /// The answer is not a node with a name, a probability and a path that ends at it.
    | AnswerMalformed
    /// A value of the network's output is infinite or not a number.
    | ValueNotFinite
    | TimeOutOfRange
    | ModelTooLong
    /// The result is from a model other than the requested one.
    | OtherModel of name: string

[<RequireQualifiedAccess>]
module Malformed =

    let code malformed =
        match malformed with
        | NotData _ -> "not-data"
        | NotAnAnswer _ -> "not-an-answer"
        | SizeNotEnded -> "size-not-ended"
        | SizeNotDecimal -> "size-not-decimal"
        | SizeZero -> "size-zero"
        | SizeNotBase64 _ -> "size-not-base64"
        | SizeOverLimit _ -> "size-over-limit"
        | ImageNotEnded -> "image-not-ended"
        | ChecksumNotDigits -> "checksum-not-digits"
        | ChecksumMismatch _ -> "checksum-mismatch"
        | NotBase64 -> "not-base64"
        | ResultOverLimit _ -> "result-over-limit"
        | NotUtf8 -> "not-utf8"
        | MalformedPair -> "pair-not-two"
        | LabelEmpty -> "label-empty"
        | ProbabilityNotDecimal -> "probability-not-decimal"
        | ProbabilityOutOfRange -> "probability-out-of-range"
        | Unexpected _ -> "unexpected"
        | UnknownParameter _ -> "unknown-parameter"
        | ParameterValue _ -> "parameter-value"
        | NotJson -> "not-json"
        | SizeHashMismatch -> "asked-otherwise"
        | RefusalText -> "refusal-text"
        | NoClasses -> "no-classes"
        | TooManyClasses _ -> "too-many-classes"
        | IndexOutOfRange _ -> "index-out-of-range"
        | DuplicateClass -> "duplicate-class"
        | LabelTooLong -> "label-too-long"
        | NotDescending -> "not-descending"
        | ProbabilitySum -> "probability-sum"
        | MapNotOfClass -> "map-not-of-class"
        | AnswerMalformed -> "answer-malformed"
        | ValueNotFinite -> "value-not-finite"
        | TimeOutOfRange -> "time-out-of-range"
        | ModelTooLong -> "model-too-long"
        | OtherModel _ -> "other-model"

    let describe malformed =
        match malformed with
        | NotData first -> $"a data message starts with 'D' and a space, not with byte 0x%02X{first}"
        | NotAnAnswer first -> $"an answer is 'A' or 'N', not byte 0x%02X{first}"
        | SizeNotEnded -> "the size does not end with a space"
        | SizeNotDecimal -> "the size is not a decimal number"
        | SizeZero -> "the size is 0"
        | SizeNotBase64 size -> $"the size {size} is not divisible by 4, as the length of base64 is"
        | SizeOverLimit(size, limit) -> $"the size {size} is over the limit of {limit} bytes"
        | ImageNotEnded -> "the image does not end at the length that its size announced"
        | ChecksumNotDigits -> "the checksum is malformed"
        | ChecksumMismatch(received, computed) ->
            $"the checksum is {received}, but the payload's checksum is {computed}"
        | NotBase64 -> "the image is not base64"
        | ResultOverLimit limit -> $"the result is longer than {limit} bytes"
        | NotUtf8 -> "the result is not UTF-8"
        | MalformedPair -> "a prediction is not a label, a colon and a probability"
        | LabelEmpty -> "a prediction has no label"
        | ProbabilityNotDecimal -> "a probability is not a decimal number"
        | ProbabilityOutOfRange -> "a probability is not between 0 and 1"
        | Unexpected first -> $"byte 0x%02X{first} came where nothing was due"
        | UnknownParameter name -> $"there is no parameter '{name}'"
        | ParameterValue name -> $"the parameter '{name}' has an invalid value"
        | NotJson -> "the result is not the JSON object that was asked for"
        | SizeHashMismatch -> "the result answers a size other than the one that was sent"
        | RefusalText -> "a refusal's reason or detail is too long, or not one line of printable characters"
        | NoClasses -> "the result has no class"
        | TooManyClasses(count, limit) -> $"the result has {count} classes where {limit} were asked for"
        | IndexOutOfRange index -> $"there is no class {index}"
        | DuplicateClass -> "the result has a class twice"
        | LabelTooLong -> "a class name is too long"
        | NotDescending -> "the classes are not sorted by descending probability"
        | ProbabilitySum -> "the probabilities sum to more than 1"
        | MapNotOfClass -> "a map does not belong to a class of the result"
        | AnswerMalformed -> "the answer is not a node of a class tree with its path"
        | ValueNotFinite -> "a value is infinite or not a number"
        | TimeOutOfRange -> "a time is negative or longer than a day, or there are too many"
        | ModelTooLong -> "the model's name is too long"
        | OtherModel name -> $"the result is from the model '{name}', which was not requested"

/// A step of an exchange.
[<RequireQualifiedAccess>]
type Stage =
    | Connect
    | Size
    | Image
    | Result

/// The cause that ended an exchange early. `Refused` means that the network refused the connection (no listener), not a
/// peer's `N`. `Untrusted` means that TLS could not authenticate the peer, or the peer could not authenticate this
/// side.
[<RequireQualifiedAccess>]
type Cause =
    | Refused
    | Untrusted
    | TimedOut
    | Closed
    | Malformed of Malformed
    | RejectedTooOften

/// The stage and cause of an exchange without a result.
[<Struct>]
type Failure =
    {
        Stage: Stage
        Cause: Cause
    }

    override failure.ToString() =
        let stage =
            match failure.Stage with
            | Stage.Connect -> "connecting"
            | Stage.Size -> "the size"
            | Stage.Image -> "the image"
            | Stage.Result -> "the result"

        match failure.Cause with
        | Cause.Refused -> $"{stage}: refused"
        | Cause.Untrusted -> $"{stage}: not trusted"
        | Cause.TimedOut -> $"{stage}: no answer in time"
        | Cause.Closed -> $"{stage}: the connection ended"
        | Cause.RejectedTooOften -> $"{stage}: rejected too often"
        | Cause.Malformed reason -> $"{stage}: {Malformed.describe reason}"

[<RequireQualifiedAccess>]
module Failure =
    let at stage cause = { Stage = stage; Cause = cause }

    /// Returns the code for logs, metrics and the conformance vectors: `size/timed-out`.
    let code failure =
        let stage =
            match failure.Stage with
            | Stage.Connect -> "connect"
            | Stage.Size -> "size"
            | Stage.Image -> "image"
            | Stage.Result -> "result"

        let cause =
            match failure.Cause with
            | Cause.Refused -> "refused"
            | Cause.Untrusted -> "untrusted"
            | Cause.TimedOut -> "timed-out"
            | Cause.Closed -> "closed"
            | Cause.Malformed _ -> "malformed"
            | Cause.RejectedTooOften -> "rejected-too-often"

        $"{stage}/{cause}"

    /// Returns whether the peer may have received the whole image but sent no result. The original worker crashes like
    /// this on a picture that it can't decode.
    let isSilent failure =
        (failure.Stage = Stage.Image || failure.Stage = Stage.Result)
        && (failure.Cause = Cause.TimedOut || failure.Cause = Cause.Closed)

    /// Returns one sentence without a full stop: `the size: no answer in time`.
    let describe (failure: Failure) = failure.ToString()

/// The limits of either side.
type Limits =
    {
        /// The longest image payload, in bytes: base64 or raw.
        MaxPayload: int
        /// The longest result payload, in bytes.
        MaxResult: int
        /// How often one message may be sent before its step fails.
        MaxAttempts: int
    }

    /// The default: 32 MiB, 256 KiB, 3.
    static member Standard =
        {
            MaxPayload = 32 * 1024 * 1024
            MaxResult = 256 * 1024
            MaxAttempts = 3
        }
