namespace Web.Giraffe

open System.Threading
open System.Threading.Tasks

/// Processes the pictures of one request in parallel.
[<RequireQualifiedAccess>]
module BoundedParallel =
    /// The maximum number of pictures that are classified at a time: the default limit of one worker.
    let limit = 8

    /// Returns the results in the order of the items.
    let map (work: 'item -> Task<'result>) (items: 'item list) : Task<'result[]> =
        task {
            use free = new SemaphoreSlim(limit)

            let one item =
                task {
                    do! free.WaitAsync()

                    try
                        return! work item
                    finally
                        free.Release() |> ignore
                }

            return! items |> List.map one |> Task.WhenAll
        }
