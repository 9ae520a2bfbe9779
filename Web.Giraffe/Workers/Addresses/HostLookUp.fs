namespace Web.Giraffe

open System.Net
open System.Threading
open System.Threading.Tasks

/// Resolves host names on at most `threads` threads of its own: system look-ups block, for 10 seconds or more if no name
/// server answers, and must not block request threads.
[<Sealed>]
type HostLookUp(threads: int) =
    let slots = new SemaphoreSlim(threads)

    /// Returns the addresses of a host. Throws SocketException if there are none.
    member _.AddressesOf(host: string, cancel: CancellationToken) : Task<IPAddress[]> =
        task {
            do! slots.WaitAsync cancel

            let found =
                Task.Factory.StartNew(
                    (fun () ->
                        try
                            Dns.GetHostAddresses host
                        finally
                            slots.Release() |> ignore),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )

            return! found.WaitAsync cancel
        }
