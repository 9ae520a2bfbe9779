/// `testTask "name" { ... }`: a case whose body awaits tasks. Expecto's own infers no type of what it awaits.
[<AutoOpen>]
module Tests.Expecto.TestTask

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Expecto
open Grpc.Core

/// A part of a case, which has not started.
type TaskPart<'result> = unit -> Task<'result>

let private disposal (resource: 'a) =
    { new IAsyncDisposable with
        member _.DisposeAsync() =
            match box resource with
            | :? IAsyncDisposable as resource -> resource.DisposeAsync()
            | :? IDisposable as resource ->
                resource.Dispose()
                ValueTask()
            | null -> ValueTask()
            | other -> invalidOp $"{other.GetType()} cannot be disposed."
    }

[<Sealed>]
type TestTaskBuilder(name: string) =
    member _.Zero() : TaskPart<unit> = Task.FromResult
    member _.Delay(part: unit -> TaskPart<'r>) : TaskPart<'r> = fun () -> part () ()

    member _.Combine(first: TaskPart<unit>, rest: TaskPart<'r>) : TaskPart<'r> =
        fun () ->
            task {
                do! first ()
                return! rest ()
            }

    member _.Bind(awaited: Task<'a>, next: 'a -> TaskPart<'r>) : TaskPart<'r> =
        fun () ->
            task {
                let! value = awaited
                return! next value ()
            }

    /// Takes what `use` takes in a `task`: an IAsyncDisposable, or else an IDisposable.
    member _.Using(resource: 'a, next: 'a -> TaskPart<'r>) : TaskPart<'r> =
        fun () ->
            task {
                use _ = disposal resource
                return! next resource ()
            }

    member _.While(condition: unit -> bool, part: TaskPart<unit>) : TaskPart<unit> =
        fun () ->
            task {
                while condition () do
                    do! part ()
            }

    member _.For(values: IEnumerable<'a>, part: 'a -> TaskPart<unit>) : TaskPart<unit> =
        fun () ->
            task {
                for value in values do
                    do! part value ()
            }

    member _.TryWith(part: TaskPart<'r>, handler: exn -> TaskPart<'r>) : TaskPart<'r> =
        fun () ->
            task {
                try
                    return! part ()
                with error ->
                    return! handler error ()
            }

    member _.TryFinally(part: TaskPart<'r>, last: unit -> unit) : TaskPart<'r> =
        fun () ->
            task {
                try
                    return! part ()
                finally
                    last ()
            }

    member _.Run(part: TaskPart<unit>) = testCaseTask name part

    // Overloads of Source, and not of Bind, so that the type of what is awaited is known in the lines below it.
    member _.Source(awaited: Task<'a>) = awaited

[<AutoOpen>]
module TestTaskSources =
    type TestTaskBuilder with

        member _.Source(values: IEnumerable<'a>) = values
        member _.Source(awaited: ValueTask<'a>) = awaited.AsTask()
        member _.Source(call: AsyncUnaryCall<'a>) = call.ResponseAsync
        member _.Source(awaited: Task) : Task<unit> = task { do! awaited }
        member _.Source(awaited: ValueTask) : Task<unit> = task { do! awaited }

let testTask name = TestTaskBuilder name

/// The results of so many calls that start together, each on a thread of its own.
let allAtOnce count (call: int -> 'result) : 'result[] =
    use start = new Barrier(count)

    [|
        for number in 0 .. count - 1 ->
            Task.Factory.StartNew(
                (fun () ->
                    start.SignalAndWait()
                    call number),
                TaskCreationOptions.LongRunning
            )
    |]
    |> Task.WhenAll
    |> _.GetAwaiter().GetResult()
