namespace Protocol.Core.Interop

open System
open System.Buffers
open System.Runtime.InteropServices
open Protocol.Core

/// The worker's role for C#: `Start`, then `Step` for everything that happens, performing its effects in order.
[<AbstractClass; Sealed>]
type WorkerProtocol private () =

    static member Start(limits: Limits) : WorkerState = WorkerExchange.start limits

    /// The step (size, image or result) at which a failure of the connection happens now.
    static member StageOf(state: WorkerState) : Stage = WorkerExchange.stage state

    /// True where `WorkerEvent.Quiet` is due when nothing has come for `patience`; else only the deadline counts.
    static member TryPatience(state: WorkerState, [<Out>] patience: byref<TimeSpan>) : bool =
        match WorkerExchange.patience state with
        | ValueSome wait ->
            patience <- wait
            true
        | ValueNone -> false

    /// Whether the connection has nothing more to do. After a `Finish` it may go on with another exchange.
    static member IsOver(state: WorkerState) : bool = WorkerExchange.isOver state

    /// Moves `state` on and returns what to do, in order.
    static member Step(state: byref<WorkerState>, event: WorkerEvent) : WorkerEffect list =
        let struct (next, effects) = WorkerExchange.step state event
        state <- next
        effects

    /// Appends the message's bytes to `writer`.
    static member Write(writer: IBufferWriter<byte>, message: Message) : unit = Message.write writer message
