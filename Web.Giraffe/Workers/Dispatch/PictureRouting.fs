namespace Web.Giraffe

open System
open System.Threading
open Protocol.Core

/// Routes pictures that may crash original workers to other workers, if there are any.
[<Sealed>]
type PictureRouting(list: WorkerPool, client: WorkerClient, directory: ModelDirectory) =
    let unsupported =
        Refusal.create
            "Channels"
            "The workers here take no picture with transparency or in CMYK. Save it as an RGB JPEG or PNG."

    /// Returns the listed workers that support only the plain exchange.
    let plainWorkers () =
        list.Addresses
        |> List.filter (fun address -> client.Capabilities address = PeerCapabilities.Plain)
        |> Set.ofList

    /// Finds the workers for the request's model.
    member _.Find(options: ClassifyOptions) =
        let name = options.Model
        let needsTensors = ClassifyOptions.needTensors options

        let isUnknown address =
            client.Capabilities address = PeerCapabilities.Unknown

        match directory.Find(name, needsTensors, false) with
        | ModelLookup.NoSuchModel _ when name.IsSome && List.exists isUnknown list.Addresses ->
            directory.Find(name, needsTensors, true)
        | found -> found

    /// Leases a worker that is not in `tried`, like `WorkerPool.Take`. `isSuspect`: a plain worker received the picture
    /// and did not answer.
    member _.Take
        (
            support: OriginalWorkerSupport,
            isSuspect: bool,
            tried: Set<WorkerAddress>,
            left: unit -> TimeSpan,
            cancel: CancellationToken
        ) =
        task {
            let plain =
                if isSuspect || support <> Supported then
                    plainWorkers ()
                else
                    Set.empty

            if plain.IsEmpty then
                return! list.Take(tried, left (), cancel)
            else
                match! list.Take(Set.union tried plain, left (), cancel) with
                | NoWorkers when support <> Unsupported -> return! list.Take(tried, left (), cancel)
                | result -> return result
        }

    /// Returns why no worker is left for this picture; `none` is the reason for an ordinary picture.
    member _.NoWorkers(support: OriginalWorkerSupport, none: ClassifyError) =
        match none with
        | NoActiveWorker when support = Unsupported ->
            let plain = plainWorkers ()

            if not plain.IsEmpty && list.Addresses |> List.forall plain.Contains then
                ImageRefused(plain.MinimumElement, unsupported)
            else
                none
        | none -> none
