module Tests.Expecto.Web.UploadLeaseTests

open System
open Expecto
open Web.Giraffe

let private rent size isDone =
    let budget = UploadBudget(1L <<< 30)
    use lease = new UploadLease(budget)
    let array = lease.Rent size

    if isDone then
        lease.Done()

    array

let tests =
    testList
        "UploadLease"
        [
            test "an array serves another request when nobody reads it any more, and only then" {
                // Of a size that no other test rents, on a thread whose own array the pool gives first.
                let size = 1 <<< 27
                let first = rent size true
                Expect.isTrue (Object.ReferenceEquals(rent size false, first)) "done with"
                Expect.isFalse (Object.ReferenceEquals(rent size true, first)) "perhaps still on its way to a worker"
            }

            test "what is rented is as long as was paid for" {
                for size in [ 65_536; 131_072; 20 * 1024 * 1024 + 1 ] do
                    for isDone in [ true; false ] do
                        Expect.equal (rent size isDone).Length size $"{size}"
            }
        ]
