/// Changes by a browser that does not show what its user typed: made once they are confirmed.
module Tests.Expecto.Web.ConfirmationTests

open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.AdminTests
open Tests.Expecto.Web.AdminAccessTests

let private navigation =
    [
        "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
        "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
    ]

/// The page's hidden fields, by their names.
let private fieldsOf (page: string) =
    [
        for found in
            System.Text.RegularExpressions.Regex.Matches(
                page,
                "<input type=\"hidden\" name=\"([a-z]+)\" value=\"([^\"]*)\""
            ) -> found.Groups[1].Value, string (System.Net.WebUtility.HtmlDecode found.Groups[2].Value)
    ]

let private confirmed =
    testTask "without Sec-Fetch-Site a change is made once the user confirms it, and no other change" {
        use! web = WebUnderTest.Start([ $"--Admin:Token={secret}" ], [])
        // Behind a proxy that changes Host, the page's origin is not the one that the node knows.
        let browser = Http.basic secret :: navigation
        let bare = browser @ [ "Origin", "http://recognition.example.com" ]

        let list () =
            Http.textOf (web.Send("GET", "/api/workers", [ "Authorization", $"Bearer {secret}" ]))

        let! text = Http.page 403 (web.Send("GET", "/add/tls://127.7.0.5:8888", browser))
        Expect.stringContains text "Add this worker?" "what"
        let! now = list ()
        Expect.isFalse (now.Contains "127.7.0.5") "nothing yet"
        let fields = fieldsOf text
        Expect.equal (List.map fst fields) [ "action"; "address"; "confirmation" ] "the form"

        let another name value =
            fields
            |> List.map (fun (field, old) -> field, (if field = name then value else old))

        for wrong in
            [
                another "action" "remove"
                another "address" "127.7.0.6:8888"
                another "confirmation" ""
                another "confirmation" "99999999999.AAAA"
                another "confirmation" ("9" + snd fields[2])
                List.take 2 fields
            ] do
            for headers in [ browser; bare ] do
                do! Http.returns 403 $"{wrong}" (post web headers wrong)

        do! Http.returns 401 "a confirmation is no credential" (post web navigation fields)
        let crossSite = browser @ [ "Sec-Fetch-Site", "cross-site" ]
        do! Http.returns 403 "nor does it let another site's page in" (post web crossSite fields)
        let! now = list ()
        Expect.isFalse (now.Contains "127.7.0.") "nothing yet"
        do! Http.returns 200 "confirmed" (post web bare fields)
        let! now = list ()
        Expect.stringContains now "tls://127.7.0.5:8888" "added"
        let! text = Http.textOf (web.Send("GET", "/del/tls://127.7.0.5:8888", browser))
        do! Http.returns 200 "confirmed" (post web bare (fieldsOf text))
        let! now = list ()
        Expect.isFalse (now.Contains "127.7.0.5") "removed"
    }

let private expiring =
    testCase "a confirmation expires and is valid only for its purpose and key"
    <| fun () ->
        let key = System.Security.Cryptography.RandomNumberGenerator.GetBytes 32
        let start = System.DateTimeOffset.UnixEpoch.AddDays 20_000.0
        let token = SignedToken.issue key "remove a:1" (start.AddHours 1.0)

        let isValid key purpose (now: System.DateTimeOffset) =
            SignedToken.isValid key purpose now token

        Expect.isTrue (isValid key "remove a:1" start) "good"
        Expect.isTrue (isValid key "remove a:1" (start.AddMinutes 59.0)) "good for an hour"
        Expect.isFalse (isValid key "remove a:1" (start.AddMinutes 61.0)) "and no longer"
        Expect.isFalse (isValid key "remove a:2" start) "another purpose"
        Expect.isFalse (isValid (Array.map (fun b -> b ^^^ 1uy) key) "remove a:1" start) "another key"

        for wrong in
            [
                ""
                "."
                token + "."
                token.Substring 1
                token.Substring(0, token.Length - 1)
                "x." + token
            ] do
            Expect.isFalse (SignedToken.isValid key "remove a:1" start wrong) wrong

let tests = testList "Confirmation" [ confirmed; expiring ]
