/// When a worker is negotiated with again, and what it counts for meanwhile.
module Tests.Expecto.Web.NegotiationRulesTests

open System
open Expecto
open Web.Giraffe

let private minutes (count: float) = TimeSpan.FromMinutes count

let tests =
    testList
        "NegotiationRules"
        [
            test "a plain worker is negotiated with again after a minute, then less and less often, up to ten minutes" {
                let mutable now = TimeSpan.Zero
                let mutable known = Negotiation.initial

                let waits =
                    [
                        for _ in 1..7 ->
                            (known <- Negotiation.failed now known
                             let wait = known.RetryAt - now
                             now <- known.RetryAt
                             wait)
                    ]

                Expect.equal waits (List.map minutes [ 1.0; 2.0; 4.0; 8.0; 10.0; 10.0; 10.0 ]) "the waits"
                Expect.equal known.Capabilities PeerCapabilities.Plain "plain meanwhile"
                Expect.isFalse (Negotiation.isDue (known.RetryAt - TimeSpan.FromTicks 1L) known) "not before"
                Expect.isTrue (Negotiation.isDue known.RetryAt known) "then"
            }

            test "a worker that supported the extended exchange before is negotiated with again after seconds" {
                let known =
                    Negotiation.initial |> Negotiation.succeeded |> Negotiation.failed TimeSpan.Zero

                Expect.equal known.Capabilities PeerCapabilities.Plain "plain at once"
                Expect.isLessThan known.RetryAt (TimeSpan.FromSeconds 5.0) "soon"
            }

            test "a worker that was away is unknown, and negotiated with when it answers" {
                for known in
                    [
                        Negotiation.succeeded Negotiation.initial
                        Negotiation.failed (minutes 5.0) Negotiation.initial
                    ] do
                    let known = Negotiation.away known
                    Expect.equal known.Capabilities PeerCapabilities.Unknown "unknown"
                    Expect.isTrue (Negotiation.isDue TimeSpan.Zero known) "due"
            }

            test "an extended worker is not negotiated with" {
                Expect.isFalse (Negotiation.isDue (minutes 1000.0) (Negotiation.succeeded Negotiation.initial)) "never"
            }
        ]
