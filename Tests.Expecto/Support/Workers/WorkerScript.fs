namespace Tests.Expecto.Web

open System
open System.Collections.Concurrent
open System.Threading
open System.Threading.Tasks
open Protocol.Core

/// What a test worker does with a connection.
type Behaviour =
    /// Answers with these predictions after this time.
    | Predicts of Prediction[] * after: TimeSpan
    /// Answers with what this function returns for the picture and its parameters.
    | Recognizes of (byte[] -> Parameters -> Recognition)
    | CantDecode
    /// Refuses every picture with this reason.
    | Refuses of Refusal
    /// Ends the connection where it would send its nth message: 0 is the size's acknowledgement, 1 the image's (or the
    /// one for both), 2 the result.
    | DiesBefore of message: int
    /// Sends the first bytes of its nth message, or the one after it, and nothing after them.
    | Stalls of message: int * bytes: int
    /// Sends these bytes, whatever it receives, and keeps the connection.
    | Sends of byte[]
    /// Accepts connections and never sends anything.
    | Silent

[<AutoOpen>]
module ModelDescriptions =

    /// A model of three classes.
    let smallModel id version : ModelDescription =
        { ModelDescription.Unavailable(id, ModelState.Ready, "") with
            Version = version
            Digest = $"{id}{version}"
            Classes = 3
            Width = 32
            Height = 32
            Channels = 3
            Resize = InputResize.ShorterSide 256
        }

/// What a test worker does, which may change while it runs, and what it received.
type WorkerScript(behaviour: Behaviour) =
    let pictures = ConcurrentQueue<byte[]>()
    let parametersReceived = ConcurrentQueue<Parameters>()
    let mutable frozen = TaskCompletionSource()
    do frozen.SetResult()
    let mutable concurrent = 0
    let mutable maxConcurrent = 0

    member val Behaviour = behaviour with get, set

    /// What it sends before it ends a connection whose size has parameters; None: it accepts them. An original worker
    /// sends nothing at all, one that lacks a parameter sends `N`.
    member val Refusal: byte[] voption = ValueNone with get, set

    /// Whether it sends `N` and ends the connection when its models are queried.
    member val RejectsDescribe = false with get, set

    /// Changes a result for a named model before it is sent.
    member val Transform: (Recognition -> Recognition) option = None with get, set

    /// The models that it describes.
    member val Models: ServedModels =
        {
            Default = "squeezenet1_1"
            Executors = 1
            Revision = ""
            Models =
                [|
                    { smallModel "squeezenet1_1" "1" with
                        Digest = ""
                        Title = "SqueezeNet 1.1"
                        Classes = 1000
                        Width = 224
                        Height = 224
                        HasMaps = true
                    }
                |]
        } with get, set

    /// Bytes that it sends behind every result.
    member val Surplus: byte[] = [||] with get, set

    /// Every picture's parameters, in the order of the pictures.
    member _.ReceivedParameters = parametersReceived.ToArray()

    /// The pictures that it received, in order.
    member _.Pictures = pictures.ToArray()

    member _.PictureCount = pictures.Count

    /// The most pictures that it had at one time.
    member _.MaxConcurrent = maxConcurrent

    member _.Record(picture: byte[], parameters: Parameters) =
        parametersReceived.Enqueue parameters
        pictures.Enqueue picture

    /// Holds a picture for this time.
    member _.Hold(time: TimeSpan, stop: CancellationToken) =
        task {
            maxConcurrent <- max maxConcurrent (Interlocked.Increment &concurrent)
            do! Task.Delay(time, stop)
            Interlocked.Decrement &concurrent |> ignore
        }

    /// As a stopped process: the kernel still accepts connections and bytes, and nothing is ever answered.
    member _.Freeze() = frozen <- TaskCompletionSource()

    member _.Thaw() = frozen.SetResult()
    member _.Thawed(stop: CancellationToken) = frozen.Task.WaitAsync stop
