namespace Web.Giraffe

open Protocol.Core

/// Routes pictures that may crash original workers to other workers, if there are any.
[<Sealed>]
type PictureRouting(pool: WorkerPool, client: WorkerClient, directory: ModelDirectory) =
    let unsupported =
        Refusal.create
            "Channels"
            "The workers here take no picture with transparency or in CMYK. Save it as an RGB JPEG or PNG."

    /// Returns the listed workers that support only the plain exchange.
    let plainWorkers () =
        pool.Addresses
        |> List.filter (fun address -> client.Capabilities address = PeerCapabilities.Plain)
        |> Set.ofList

    /// Finds the workers for the request's model.
    member _.Find(options: ClassifyOptions) =
        let name = options.Model
        let needsTensors = ClassifyOptions.needTensors options

        let isUnknown address =
            client.Capabilities address = PeerCapabilities.Unknown

        match directory.Find(name, needsTensors, false) with
        | ModelLookup.NoSuchModel _ when name.IsSome && List.exists isUnknown pool.Addresses ->
            directory.Find(name, needsTensors, true)
        | found -> found

    /// Leases a worker that has the request's model and has not been tried.
    member _.Take(request: DispatchedRequest) =
        let take excluded =
            pool.Take(excluded, request.Left, request.Cancel)

        let excluded = Set.union request.Model.Lacking request.Tried

        // If the picture was refused because a plain worker did not answer, another one may not answer either.
        let isSuspect =
            request.ErrorIfNoneLeft.IsImageRefused || request.Support <> Supported

        let plain = if isSuspect then plainWorkers () else Set.empty

        task {
            if plain.IsEmpty then
                return! take excluded
            else
                match! take (Set.union excluded plain) with
                | NoWorkers when request.Support <> Unsupported -> return! take excluded
                | result -> return result
        }

    /// Returns why no worker is left for the request.
    member _.NoWorkers(request: DispatchedRequest) =
        match request.ErrorIfNoneLeft with
        | NoActiveWorker when request.Support = Unsupported ->
            let plain = plainWorkers ()

            if not plain.IsEmpty && pool.Addresses |> List.forall plain.Contains then
                ImageRefused(plain.MinimumElement, unsupported)
            else
                NoActiveWorker
        | error -> error
