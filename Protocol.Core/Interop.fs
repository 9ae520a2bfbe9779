namespace Protocol.Core.Interop

open System
open System.Buffers
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open Protocol.Core

/// The worker's side of an exchange for C#. Call `Start`, then `Step` for every event; perform its effects in order.
[<AbstractClass; Sealed>]
type WorkerProtocol private () =

    /// The parameters of the plain exchange.
    static member NoParameters: Parameters = Parameters.none

    static member Start(limits: Limits) : WorkerState = WorkerExchange.start limits

    /// Returns the step (size, image or result) that a connection failure belongs to now.
    static member StageOf(state: WorkerState) : Stage = WorkerExchange.stage state

    /// Returns true if `WorkerEvent.IdleTimeout` is due after `timeout` without bytes; otherwise only the deadline applies.
    static member TryGetIdleTimeout(state: WorkerState, [<Out>] timeout: byref<TimeSpan>) : bool =
        match WorkerExchange.idleTimeout state with
        | ValueSome wait ->
            timeout <- wait
            true
        | ValueNone -> false

    /// Returns whether the connection has nothing more to do. After a `Finish` another exchange may follow.
    static member IsOver(state: WorkerState) : bool = WorkerExchange.isOver state

    /// Advances `state` and returns the effects to perform, in order.
    static member Step(state: byref<WorkerState>, event: WorkerEvent) : WorkerEffect[] =
        let struct (next, effects) = WorkerExchange.step state event
        state <- next
        Array.ofList effects

    /// Creates the event for a picture that the worker refuses.
    static member Undecodable(reason: string, detail: string) : WorkerEvent =
        WorkerEvent.Undecodable(Refusal.create reason detail)

    /// Appends the message's bytes to `writer`.
    static member Write(writer: IBufferWriter<byte>, message: Message) : unit = Message.write writer message

/// The sentences of answers for C#.
[<AbstractClass; Sealed>]
type AnswerSentence private () =

    /// Returns the sentence for a model without a class tree, without a full stop.
    static member Of(predictions: Prediction[]) : string =
        AnswerText.sentence predictions ValueNone

    /// Returns the sentence for the answer of a model's class tree, without a full stop.
    static member Of(predictions: Prediction[], answer: HedgedAnswer) : string =
        AnswerText.sentence predictions (ValueSome answer)

/// Extension methods for C#, which thereby sees no F# options or functions.
[<AbstractClass; Sealed; Extension>]
type ProtocolExtensions private () =

    /// Returns whether the name includes a model of this version.
    [<Extension>]
    static member Includes(name: ModelName, id: string, version: string) : bool = ModelName.includes id version name

    /// Returns the maximum number of classes in the result.
    [<Extension>]
    static member ClassCount(parameters: Parameters) : int = Parameters.classes parameters

    /// Returns the requested model; null for the default.
    [<Extension>]
    static member ModelOrNull(parameters: Parameters) : Nullable<ModelName> = ValueOption.toNullable parameters.Model

    /// Returns the least probability of the answer; null if none was requested.
    [<Extension>]
    static member ConfidenceOrNull(parameters: Parameters) : Nullable<float> =
        ValueOption.toNullable parameters.Confidence

    /// Returns the client's `traceparent`; null if it sent none.
    [<Extension>]
    static member TraceOrNull(parameters: Parameters) : string | null = ValueOption.toObj parameters.Trace

    /// Returns the classes without their indices.
    [<Extension>]
    static member Predictions(recognition: Recognition) : Prediction[] = Recognition.predictions recognition

    /// Adds the revision of the list of models of the worker that made the recognition.
    [<Extension>]
    static member WithRevision(recognition: Recognition, revision: string) : Recognition =
        Recognition.withRevision revision recognition

    /// Adds the answer of the model's class tree.
    [<Extension>]
    static member WithAnswer(recognition: Recognition, answer: HedgedAnswer) : Recognition =
        { recognition with
            Answer = ValueSome answer
        }

    /// Returns true and the answer of the model's class tree, or false if there is none.
    [<Extension>]
    static member TryGetAnswer(recognition: Recognition, [<Out>] answer: byref<HedgedAnswer>) : bool =
        match recognition.Answer with
        | ValueSome found ->
            answer <- found
            true
        | ValueNone -> false

    /// Adds the descriptions of the network's tensors.
    [<Extension>]
    static member WithTensors(model: ModelDescription, tensors: NetworkTensors) : ModelDescription =
        { model with
            Tensors = ValueSome tensors
        }
