/// Wrong tokens, many of them.
module Tests.Expecto.Web.LoginThrottleTests

open System
open System.Net
open Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe
open Tests.Expecto.Web.AdminGuardTests

let tests =
    let check throttle caller given =
        AdminGuard.check throttle withToken (request caller "h" [ bearer given ])

    let wrong throttle caller times =
        for _ in 1..times do
            Expect.equal (check throttle caller "wrong") (Error TokenWrong) "wrong"

    let isSlowed throttle caller =
        match check throttle caller "wrong" with
        | Error(TooManyWrongTokens wait) -> wait > TimeSpan.Zero && wait <= LoginThrottle.Interval
        | _ -> false

    testList
        "LoginThrottle"
        [
            test "after ten wrong tokens an address may try once every six seconds" {
                let time = FakeTimeProvider()
                let throttle = LoginThrottle time
                wrong throttle far 10

                for _ in 1..50 do
                    Expect.isTrue (isSlowed throttle far) "no more"

                time.Advance LoginThrottle.Interval
                wrong throttle far 1
                Expect.isTrue (isSlowed throttle far) "one"
                time.Advance(TimeSpan.FromMinutes 5.0)
                wrong throttle far 10
                Expect.isTrue (isSlowed throttle far) "never more than ten"
            }

            test "the right token passes, however many wrong ones came from the same address" {
                let throttle = throttle ()

                for _ in 1..100 do
                    check throttle far "wrong" |> ignore
                    Expect.isOk (check throttle far token) "right"

                Expect.isTrue (isSlowed throttle far) "which doesn't help those who guess"
            }

            test "every address has its own allowance, and an IPv6 /64 counts as one" {
                let throttle = throttle ()
                wrong throttle (IPAddress.Parse "2001:db8:1:2::5") 10
                wrong throttle far 1
                Expect.isTrue (isSlowed throttle (IPAddress.Parse "2001:db8:1:2:ffff::9")) "the same /64"
                wrong throttle (IPAddress.Parse "2001:db8:1:3::5") 1
                wrong throttle (IPAddress.Parse "::ffff:203.0.113.9") 9
                Expect.isTrue (isSlowed throttle far) "IPv4 and mapped IPv4 are one"
            }

            test "many addresses do not fill the memory" {
                let throttle = throttle ()

                for number in 1 .. 20 * LoginThrottle.MaxAddresses do
                    throttle.Failed(IPAddress(int64 number)) |> ignore

                Expect.isLessThanOrEqual throttle.Count LoginThrottle.MaxAddresses "addresses held"
            }
        ]
