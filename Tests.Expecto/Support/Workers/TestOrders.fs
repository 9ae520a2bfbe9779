namespace Tests.Expecto.Web

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a worker of the tests' own does with a connection.
type Behaviour =
    /// The protocol, with these predictions after this time.
    | Names of Prediction[] * after: TimeSpan
    /// The protocol, with what this makes of the picture and what was asked for.
    | Recognizes of (byte[] -> Parameters -> Recognition)
    | CantDecode
    /// The protocol, with this reason why it decodes nothing.
    | Refuses of Refusal
    /// Ends the connection where it would send its nth message: 0 is the size's acknowledgement, 1 the image's (or the
    /// one for both), 2 the result.
    | DiesBefore of message: int
    /// Sends the first bytes of its nth message, or the one after it, and nothing after them.
    | Stalls of message: int * bytes: int
    /// Says this, whatever it is told, and goes on listening.
    | Says of byte[]
    /// Accepts and never says anything.
    | Silent

[<AutoOpen>]
module ModelDescriptions =

    /// A model of three classes.
    let smallModel id version : ModelDescription =
        {
            Id = id
            Version = version
            Digest = $"{id}{version}"
            Title = id
            State = ModelState.Ready
            Error = ""
            Classes = 3
            Width = 32
            Height = 32
            Channels = 3
            Resize = InputResize.ShorterSide 256
            Output = OutputValues.Logits
            HasMaps = false
            Tensors = ValueNone
            HasTree = false
            Covers = ""
            Labels = [||]
            Synonyms = [||]
        }

/// What a worker of the tests' own is told to do, which may change at any time, and what it was given.
[<Sealed>]
type Orders(behaviour: Behaviour) =
    let pictures = ConcurrentQueue<byte[]>()
    let asked = ConcurrentQueue<Parameters>()
    let mutable frozen = TaskCompletionSource()
    do frozen.SetResult()
    let mutable now = 0
    let mutable most = 0

    member val Behaviour = behaviour with get, set
    member val Refusal: byte[] voption = ValueNone with get, set

    /// Whether it knows no question for its models: it says `N` and ends the connection.
    member val DescribesNothing = false with get, set

    /// What it makes of a result before it sends it.
    member val Answers: (Recognition -> Recognition) option = None with get, set

    /// What it says that it serves.
    member val Models: ServedModels =
        {
            Default = "squeezenet1_1"
            Executors = 1
            Revision = ""
            Models =
                [|
                    {
                        Id = "squeezenet1_1"
                        Version = "1"
                        Digest = ""
                        Title = "SqueezeNet 1.1"
                        State = ModelState.Ready
                        Error = ""
                        Classes = 1000
                        Width = 224
                        Height = 224
                        Channels = 3
                        Resize = InputResize.ShorterSide 256
                        Output = OutputValues.Logits
                        HasMaps = true
                        Tensors = ValueNone
                        HasTree = false
                        Covers = ""
                        Labels = [||]
                        Synonyms = [||]
                    }
                |]
        } with get, set

    member val Chatter: byte[] = [||] with get, set
    member _.Asked = asked.ToArray()
    member _.Pictures = pictures.ToArray()
    member _.Most = most

    member _.Given(picture: byte[], parameters: Parameters) =
        asked.Enqueue parameters
        pictures.Enqueue picture

    /// Has a picture before it for so long.
    member _.Hold(time: TimeSpan, stop: CancellationToken) =
        task {
            most <- max most (Interlocked.Increment &now)
            do! Task.Delay(time, stop)
            Interlocked.Decrement &now |> ignore
        }

    member _.Freeze() = frozen <- TaskCompletionSource()
    member _.Thaw() = frozen.SetResult()
    member _.Thawed(stop: CancellationToken) = frozen.Task.WaitAsync stop
