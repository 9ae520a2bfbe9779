namespace Web.Giraffe

open System.Threading
open System.Threading.Tasks

/// The pictures of one request, side by side.
[<RequireQualifiedAccess>]
module BoundedParallel =
    /// How many are with the workers at one time: as many as one worker takes, unless it is told otherwise.
    let limit = 8

    /// The results in the order of the items.
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
