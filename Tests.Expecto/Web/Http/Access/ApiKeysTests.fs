/// API keys: which requests they admit, and how keys are replaced.
module Tests.Expecto.Web.ApiKeysTests

open System.IO
open System.Threading.Tasks
open Expecto
open Tests.Expecto
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.Logging.Abstractions
open Microsoft.Extensions.Time.Testing
open Web.Giraffe.Api
open Tests.Expecto.Web.ApiUnderTest
open Tests.Expecto.Web.ClassifyUnderTest

let private keys =
    testTask "any key is accepted in either header; a missing or wrong key gets 401 and is not logged" {
        use! web = serve [ $"--Api:Keys={first},{second}" ]

        let good =
            [ bearer first; bearer second; [ "X-API-Key", second ]; [ Http.basic first ] ]

        let wrong =
            [
                []
                bearer "wrong-key-0123456789"
                bearer (first + "x")
                bearer ""
                [ "X-API-Key", first.ToUpperInvariant() ]
                [ "X-API-Key", $"{first},{second}" ]
                [ Http.basic "wrong-key-0123456789" ]
                [ "Authorization", "Basic ~" ]
            ]

        for headers in good do
            do! Http.returns 200 $"{headers}" (classifyAs web headers)
            do! Http.returns 200 $"{headers}" (web.Send("GET", "/v2/models/squeezenet1_1", headers))

        let before = web.Worker.PictureCount

        for headers in wrong do
            let! answer = classifyAs web headers
            let! _ = refused 401 answer
            Expect.stringContains (Http.header "WWW-Authenticate" answer) "Bearer" "how"
            let! answer = inferAs web headers

            Expect.equal (Http.status answer, Http.mediaType answer) (401, "application/json") "the protocol's own"

        Expect.equal web.Worker.PictureCount before "no worker was asked"

        for path in
            [
                "/health/ready"
                "/v2/health/live"
                "/v2/models/squeezenet1_1/ready"
                "/openapi/v1.json"
                "/api/workers"
            ] do
            do! Http.returns 200 $"{path} wants none" (web.Send("GET", path))

        let log = web.Lines.All |> List.map _.Text |> String.concat "\n"
        Expect.isFalse (log.Contains "key-0123456789") "no key, right or wrong"
        Expect.stringContains log "2 keys" "how many there are"
    }

let private openPage =
    testTask "with Api:Page=open only the node's own page works without a key" {
        let own = [ "Sec-Fetch-Site", "same-origin" ]
        use! web = serve [ $"--Api:Keys={first}"; "--Api:Page=open" ]

        for headers, status in
            [
                own, 200
                [ "Origin", $"http://127.0.0.1:{web.Port}" ], 200
                Http.basic "the admin's password" :: own, 200
                [ "Sec-Fetch-Site", "cross-site" ], 401
                [ "Origin", "http://example.com" ], 401
                bearer "wrong-key-0123456789" @ own, 401
            ] do
            do! Http.returns status $"{headers}" (classifyAs web headers)

        do! Http.returns 200 "the form" (upload web [])
    }

/// A node whose keys are in a file, and what becomes of a key there.
let private withFile (content: string) run =
    task {
        let file = Path.GetTempFileName()

        try
            File.WriteAllText(file, content)
            use! web = WebUnderTest.Start([ $"--Api:KeysFile={file}" ], [])

            let becomes key status =
                WorkersUnderTest.eventually $"{key} is {status}" (fun () ->
                    let answer = web.Send("GET", "/v2", bearer key).GetAwaiter().GetResult()
                    Http.status answer = status)

            do! run web file becomes
        finally
            if Directory.Exists file then
                Directory.Delete file

            File.Delete file
    }

let private rotation =
    testCaseTask "keys in a file are reloaded while the node runs"
    <| fun () ->
        withFile $"# ours\n{first}\n" (fun _ file becomes ->
            task {
                do! becomes first 200
                File.WriteAllText(file, $"{first}\n  {second}\n")
                do! becomes second 200
                do! becomes first 200
                File.WriteAllText(file, $"{second}\n\n")
                do! becomes first 401
                do! becomes second 200
            })

let private broken =
    testCaseTask
        "an empty, invalid or missing key file keeps the old keys, is logged once, and is read again when it is valid"
    <| fun () ->
        withFile $"{first}\n" (fun web file becomes ->
            task {
                let breakIt: (string * (unit -> unit)) list =
                    [
                        "emptied", (fun () -> File.WriteAllText(file, ""))
                        "two lines in one", (fun () -> File.WriteAllText(file, $"{first}\r{second}\n"))
                        "gone", (fun () -> File.Delete file)
                        "a folder", (fun () -> Directory.CreateDirectory file |> ignore)
                        "no text",
                        (fun () ->
                            Directory.Delete file
                            File.WriteAllBytes(file, [| 0xFFuy; 0xFEuy; 0x80uy |]))
                    ]

                for number, (name, act) in List.indexed breakIt do
                    act ()

                    do!
                        WorkersUnderTest.eventually $"{name} is logged" (fun () ->
                            // The file is looked at when a key is.
                            web.Send("GET", "/v2").GetAwaiter().GetResult() |> ignore
                            (web.Lines.With 3008).Length = number + 1)

                    // Another look or two.
                    do! Task.Delay 2500
                    do! Http.returns 401 $"{name}: opens nothing" (web.Send("GET", "/v2"))
                    do! Http.returns 200 $"{name}: the old key" (web.Send("GET", "/v2", bearer first))
                    Expect.hasLength (web.Lines.With 3008) (number + 1) $"{name}: said once"

                // As the same file is put right: its size and time tell nothing new to whoever looked at the broken one.
                File.WriteAllText(file, $"{second}\n")
                do! becomes second 200
                do! becomes first 401
            })

let private unreadableAtFirst =
    test "an unreadable key file lets nobody in until it is fixed" {
        let file = Path.GetTempFileName()

        try
            File.Delete file
            Directory.CreateDirectory file |> ignore
            let time = FakeTimeProvider()

            use keys =
                new ApiKeys(ConfigurationBuilder().Build(), Some file, time, NullLogger.Instance)

            Expect.isTrue keys.AreSet "a key is needed"
            Expect.isNone (keys.Find first) "there is none"
            Expect.isNone (keys.Find "") "there is none"
            Directory.Delete file
            File.WriteAllText(file, first)
            time.Advance(System.TimeSpan.FromSeconds 1.0)
            Expect.isSome (keys.Find first) "noticed"
        finally
            File.Delete file
    }

let private sessions =
    test "a session is valid as long as its key, and no longer than its lifetime" {
        let source = System.Collections.Generic.Dictionary<string, string | null>()
        source["Api:Keys:0"] <- first
        source["Api:Keys:1"] <- second
        let configuration = ConfigurationBuilder().AddInMemoryCollection(source).Build()
        let time = FakeTimeProvider()

        use keys = new ApiKeys(configuration, None, time, NullLogger.Instance)

        let token = keys.IssueSession(first, time.GetUtcNow().AddHours 12.0)
        Expect.equal (keys.FindSession token) (keys.Find first) "the key's own name"
        Expect.isNone (keys.FindSession(keys.IssueSession("another", time.GetUtcNow().AddHours 12.0))) "not a key"
        Expect.isNone (keys.FindSession "") "nothing"
        Expect.isNone (keys.FindSession first) "the key itself"
        time.Advance(System.TimeSpan.FromHours 13.0)
        Expect.isNone (keys.FindSession token) "expired"
        let token = keys.IssueSession(first, time.GetUtcNow().AddHours 12.0)
        Expect.isSome (keys.FindSession token) "a new one"
        configuration["Api:Keys:0"] <- null
        configuration.Reload()
        Expect.isNone (keys.FindSession token) "the key is gone"
    }

let private reload =
    test "keys in the configuration are reloaded with it" {
        let source = System.Collections.Generic.Dictionary<string, string | null>()
        source["Api:Keys:0"] <- first
        let configuration = ConfigurationBuilder().AddInMemoryCollection(source).Build()

        use keys =
            new ApiKeys(configuration, None, System.TimeProvider.System, NullLogger.Instance)

        Expect.isSome (keys.Find first) "the first"
        configuration["Api:Keys:1"] <- second
        configuration.Reload()
        Expect.isTrue ((keys.Find first).IsSome && (keys.Find second).IsSome) "both"
        Expect.notEqual (keys.Find first) (keys.Find second) "told apart"
        configuration["Api:Keys:0"] <- null
        configuration["Api:Keys:1"] <- " "
        configuration.Reload()
        Expect.isTrue (keys.AreSet && (keys.Find second).IsSome) "never none again"
    }

let tests =
    testList "ApiKeys" [ keys; openPage; rotation; broken; unreadableAtFirst; sessions; reload ]
