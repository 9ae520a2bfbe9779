/// Ten wrong tokens in a row.
module Tests.Expecto.Web.WrongTokensTests

open System
open System.Net
open Expecto
open Microsoft.Extensions.Time.Testing
open Web.Giraffe
open Tests.Expecto.Web.AdminGuardTests

let tests =
    let check tokens caller given =
        AdminGuard.check tokens (Some token) (request caller "h" [ bearer given ])

    let wrong tokens caller times =
        for _ in 1..times do
            Expect.equal (check tokens caller "wrong") (Error TokenWrong) "wrong"

    let isShutOut =
        function
        | Error(ShutOut _) -> true
        | _ -> false

    testList
        "WrongTokens"
        [
            test "ten in a row shut the caller out, the right one included, for a minute" {
                let time = FakeTimeProvider()
                let tokens = WrongTokens time
                wrong tokens far 10
                Expect.equal (check tokens far token) (Error(ShutOut(TimeSpan.FromMinutes 1.0))) "shut out"
                time.Advance(TimeSpan.FromSeconds 59.0)
                Expect.equal (check tokens far token) (Error(ShutOut(TimeSpan.FromSeconds 1.0))) "still"
                time.Advance(TimeSpan.FromSeconds 1.0)
                Expect.isOk (check tokens far token) "over"
            }

            test "the eleventh shuts out at once again" {
                let time = FakeTimeProvider()
                let tokens = WrongTokens time
                wrong tokens far 10
                time.Advance(TimeSpan.FromMinutes 2.0)
                wrong tokens far 1
                Expect.isTrue (isShutOut (check tokens far token)) "shut out"
            }

            test "a right one in between begins anew" {
                let tokens = wrongTokens ()
                wrong tokens far 9
                Expect.isOk (check tokens far token) "right"
                wrong tokens far 9
                Expect.isOk (check tokens far token) "right again"
            }

            test "one caller's guesses are not another's; an IPv6 network is one caller" {
                let tokens = wrongTokens ()
                wrong tokens (IPAddress.Parse "2001:db8:1:2::5") 10
                Expect.isOk (check tokens far token) "another"
                Expect.isTrue (isShutOut (check tokens (IPAddress.Parse "2001:db8:1:2:ffff::9") token)) "the same /64"
                Expect.isOk (check tokens (IPAddress.Parse "2001:db8:1:3::5") token) "the next /64"
            }

            test "a stranger with many addresses doesn't fill the memory, nor free one that is shut out" {
                let tokens = wrongTokens ()
                wrong tokens far 10

                for number in 1 .. WrongTokens.MaxCallers + 10 do
                    wrong tokens (IPAddress(int64 number)) 1

                Expect.isTrue (isShutOut (check tokens far token)) "still shut out"
            }
        ]
