namespace Protocol.Core.Interop

open System
open System.Buffers
open System.Runtime.InteropServices
open Protocol.Core

/// The worker's side of an exchange for C#. Call `Start`, then `Step` for every event; perform its effects in order.
[<AbstractClass; Sealed>]
type WorkerProtocol private () =

    static member Start(limits: Limits) : WorkerState = WorkerExchange.start limits

    /// Returns the step (size, image or result) that a connection failure belongs to now.
    static member StageOf(state: WorkerState) : Stage = WorkerExchange.stage state

    /// Returns true if `WorkerEvent.Quiet` is due after `patience` without bytes; otherwise only the deadline applies.
    static member TryPatience(state: WorkerState, [<Out>] patience: byref<TimeSpan>) : bool =
        match WorkerExchange.patience state with
        | ValueSome wait ->
            patience <- wait
            true
        | ValueNone -> false

    /// Returns whether the connection has nothing more to do. After a `Finish` another exchange may follow.
    static member IsOver(state: WorkerState) : bool = WorkerExchange.isOver state

    /// Advances `state` and returns the effects to perform, in order.
    static member Step(state: byref<WorkerState>, event: WorkerEvent) : WorkerEffect list =
        let struct (next, effects) = WorkerExchange.step state event
        state <- next
        effects

    /// Appends the message's bytes to `writer`.
    static member Write(writer: IBufferWriter<byte>, message: Message) : unit = Message.write writer message
