/// Which exchange a worker is asked by, without a worker.
module Tests.Expecto.Web.ApproachTests

open System
open Expecto
open FsCheck
open Web.Giraffe

let private minutes (count: float) = TimeSpan.FromMinutes count

let private extended: Acquaintance =
    {
        IsExtended = true
        PlainUntil = ValueNone
    }

/// All tries of one request at `now`, each ending as `world` says; the approaches in order, and what is known after.
let private request now hasIdle world known =
    let rec go approach known tried =
        let struct (known, next) = Approach.after now approach (world approach) known

        match next with
        | ValueSome next -> go next known (approach :: tried)
        | ValueNone -> List.rev (approach :: tried), known

    go (Approach.first Manner.Extended now hasIdle known) known []

/// An old worker: it ends every connection that brings parameters.
let private old approach =
    if Approach.isPlain approach then
        TryEnd.Answered
    else
        TryEnd.Declined

let tests =
    testList
        "Approach"
        [
            test "an old worker is asked plainly for ten minutes, then offered the extended exchange again" {
                let tried, known = request TimeSpan.Zero false old Approach.stranger
                Expect.equal tried [ Approach.Fresh; Approach.Fallback ] "the first request"
                let tried, known = request (minutes 9.9) false old known
                Expect.equal tried [ Approach.Plainly ] "within the ten minutes"
                let tried, _ = request (minutes 10.0) false old known
                Expect.equal tried [ Approach.Fresh; Approach.Fallback ] "after them"
            }

            test "a connection that has served may have ended for its own reasons" {
                let tried, known =
                    request
                        TimeSpan.Zero
                        true
                        (fun approach ->
                            if approach = Approach.Reusing then
                                TryEnd.Declined
                            else
                                TryEnd.Answered)
                        extended

                Expect.equal tried [ Approach.Reusing; Approach.Fresh ] "tried again on a fresh one"
                Expect.equal known extended "nothing is held against the worker"
            }

            test "a worker that has taken parameters before is offered them twice more, and by the next request again" {
                let tried, known = request TimeSpan.Zero true old extended

                Expect.equal
                    tried
                    [ Approach.Reusing; Approach.Fresh; Approach.FreshAgain; Approach.Fallback ]
                    "all four"

                let tried, known = request TimeSpan.Zero false old known
                Expect.equal tried [ Approach.Fresh; Approach.Fallback ] "not yet taken for an old one"
                let tried, _ = request TimeSpan.Zero false old known
                Expect.equal tried [ Approach.Plainly ] "now it is"
            }

            test "one that answers neither way is not remembered as plain" {
                let world approach =
                    if Approach.isPlain approach then
                        TryEnd.Failed
                    else
                        TryEnd.Declined

                let _, known = request TimeSpan.Zero false world Approach.stranger
                Expect.equal known Approach.stranger "as before"
            }

            test "where the settings say plain, nothing else is tried" {
                let first = Approach.first Manner.Plain TimeSpan.Zero true extended
                Expect.equal first Approach.Plainly "plain"
                let struct (known, next) = Approach.after TimeSpan.Zero first TryEnd.Failed extended
                Expect.equal (known, next) (extended, ValueNone) "and no second try"
            }

            testProperty "whatever a worker does, a request is at most four tries, the plain one the last"
            <| fun (ends: NonEmptyArray<TryEnd>) hasIdle isExtended ->
                let mutable turn = -1

                let world approach =
                    turn <- turn + 1
                    let ending = ends.Get[turn % ends.Get.Length]

                    // A plain exchange has nothing to decline.
                    if Approach.isPlain approach && ending = TryEnd.Declined then
                        TryEnd.Failed
                    else
                        ending

                let known =
                    { Approach.stranger with
                        IsExtended = isExtended
                    }

                let tried, _ = request TimeSpan.Zero hasIdle world known
                let before = tried |> List.truncate (tried.Length - 1)
                Expect.isLessThanOrEqual tried.Length 4 "tries"
                Expect.isFalse (List.exists Approach.isPlain before) "none behind the plain one"
        ]
