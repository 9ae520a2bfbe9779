namespace Web.Giraffe

open System
open System.Threading
open Protocol.Core

/// Keeps pictures that original workers may die on away from them, as long as there are others.
[<Sealed>]
type PictureRouting(list: WorkerPool, client: WorkerClient) =
    let unsupported =
        Refusal.create
            "Channels"
            "The workers here take no picture with transparency or in CMYK. Save it as an RGB JPEG or PNG."

    /// The workers on the list that take the plain exchange alone.
    let plainWorkers () =
        list.Addresses
        |> List.filter (fun address -> client.Capabilities address = PeerCapabilities.Plain)
        |> Set.ofList

    /// A worker that is not in `tried`, as `WorkerPool.Take`. `isSuspect`: a plain worker has had the picture and gave no
    /// answer.
    member _.Take
        (
            support: PlainSupport,
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
                | taken -> return taken
        }

    /// Why nobody is left for a picture, where it would be `none` for any other.
    member _.NoWorkers(support: PlainSupport, none: ClassifyError) =
        match none with
        | NoActiveWorker when support = Unsupported ->
            let plain = plainWorkers ()

            if not plain.IsEmpty && list.Addresses |> List.forall plain.Contains then
                ImageRefused(plain.MinimumElement, unsupported)
            else
                none
        | none -> none
