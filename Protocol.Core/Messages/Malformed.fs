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

    /// Returns the code and the sentence.
    let private words malformed =
        match malformed with
        | NotData first -> "not-data", $"a data message starts with 'D' and a space, not with byte 0x%02X{first}"
        | NotAnAnswer first -> "not-an-answer", $"an answer is 'A' or 'N', not byte 0x%02X{first}"
        | SizeNotEnded -> "size-not-ended", "the size does not end with a space"
        | SizeNotDecimal -> "size-not-decimal", "the size is not a decimal number"
        | SizeZero -> "size-zero", "the size is 0"
        | SizeNotBase64 size -> "size-not-base64", $"the size {size} is not divisible by 4, as the length of base64 is"
        | SizeOverLimit(size, limit) -> "size-over-limit", $"the size {size} is over the limit of {limit} bytes"
        | ImageNotEnded -> "image-not-ended", "the image does not end at the length that its size announced"
        | ChecksumNotDigits -> "checksum-not-digits", "the checksum is malformed"
        | ChecksumMismatch(received, computed) ->
            "checksum-mismatch", $"the checksum is {received}, but the payload's checksum is {computed}"
        | NotBase64 -> "not-base64", "the image is not base64"
        | ResultOverLimit limit -> "result-over-limit", $"the result is longer than {limit} bytes"
        | NotUtf8 -> "not-utf8", "the result is not UTF-8"
        | MalformedPair -> "pair-not-two", "a prediction is not a label, a colon and a probability"
        | LabelEmpty -> "label-empty", "a prediction has no label"
        | ProbabilityNotDecimal -> "probability-not-decimal", "a probability is not a decimal number"
        | ProbabilityOutOfRange -> "probability-out-of-range", "a probability is not between 0 and 1"
        | Unexpected first -> "unexpected", $"byte 0x%02X{first} is not expected here"
        | UnknownParameter name -> "unknown-parameter", $"there is no parameter '{name}'"
        | ParameterValue name -> "parameter-value", $"the parameter '{name}' has an invalid value"
        | NotJson -> "not-json", "the result is not the JSON object that was requested"
        | SizeHashMismatch -> "asked-otherwise", "the result answers a size other than the one that was sent"
        | RefusalText ->
            "refusal-text", "a refusal's reason or detail is too long, or not one line of printable characters"
        | NoClasses -> "no-classes", "the result has no class"
        | TooManyClasses(count, limit) ->
            "too-many-classes", $"the result has {count} classes where {limit} were requested"
        | IndexOutOfRange index -> "index-out-of-range", $"there is no class {index}"
        | DuplicateClass -> "duplicate-class", "the result has a class twice"
        | LabelTooLong -> "label-too-long", "a class name is too long"
        | NotDescending -> "not-descending", "the classes are not sorted by descending probability"
        | ProbabilitySum -> "probability-sum", "the probabilities sum to more than 1"
        | MapNotOfClass -> "map-not-of-class", "a map does not belong to a class of the result"
        | AnswerMalformed -> "answer-malformed", "the answer is not a node of a class tree with its path"
        | ValueNotFinite -> "value-not-finite", "a value is infinite or not a number"
        | TimeOutOfRange -> "time-out-of-range", "a time is negative or longer than a day, or there are too many"
        | ModelTooLong -> "model-too-long", "the model's name is too long"
        | OtherModel name -> "other-model", $"the result is from the model '{name}', which was not requested"

    let code malformed = fst (words malformed)
    let describe malformed = snd (words malformed)
