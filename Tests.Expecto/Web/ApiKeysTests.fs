/// Keys: who gets through, who does not, what each is told, and how keys are exchanged.
module Tests.Expecto.Web.ApiKeysTests

open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Extensions.Configuration
open Microsoft.Extensions.Logging.Abstractions
open Web.Giraffe.Api
open Tests.Expecto.Web.ApiUnderTest
open Tests.Expecto.Web.UploadTests

let private keys =
    testCaseTask "any of the keys opens the API, in either header; none and a wrong one are 401, and in no log"
    <| fun () ->
        withWorker [ $"--Api:Keys={first},{second}" ] (fun web worker ->
            task {
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
                    let! answer = classifyAs web headers
                    Expect.equal (Http.status answer) 200 $"{headers}"
                    let! answer = web.Send("GET", "/v2/models/squeezenet1_1", headers)
                    Expect.equal (Http.status answer) 200 $"{headers}"

                let before = worker.Seen

                for headers in wrong do
                    let! answer = classifyAs web headers
                    let! _ = refused 401 answer
                    Expect.stringContains (Http.header "WWW-Authenticate" answer) "Bearer" "how"
                    let! answer = inferAs web headers

                    Expect.equal
                        (Http.status answer, Http.mediaType answer)
                        (401, "application/json")
                        "the protocol's own"

                Expect.equal worker.Seen before "no worker was asked"

                for path in
                    [
                        "/"
                        "/health/ready"
                        "/v2/health/live"
                        "/v2/models/squeezenet1_1/ready"
                        "/openapi/v1.json"
                        "/api/workers"
                    ] do
                    let! answer = web.Send("GET", path)
                    Expect.equal (Http.status answer) 200 $"{path} wants none"

                let log = web.Lines.All |> List.map _.Text |> String.concat "\n"
                Expect.isFalse (log.Contains "key-0123456789") "no key, right or wrong"
                Expect.stringContains log "2 keys" "how many there are"
            })

let private ownPage =
    testCaseTask "the node's own page works without a key; with Api:Page=key the browser is asked for it"
    <| fun () ->
        task {
            let own = [ "Sec-Fetch-Site", "same-origin" ]
            let foreign = [ "Sec-Fetch-Site", "cross-site" ]
            use worker = TestWorker.good ()
            use! web = WebUnderTest.Start([ $"--Api:Keys={first}" ], [ worker.Address ])

            for headers, status in
                [
                    own, 200
                    [ "Origin", $"http://127.0.0.1:{web.Port}" ], 200
                    Http.basic "the admin's password" :: own, 200
                    foreign, 401
                    [ "Origin", "http://example.com" ], 401
                    bearer "wrong-key-0123456789" @ own, 401
                ] do
                let! answer = classifyAs web headers
                Expect.equal (Http.status answer) status $"{headers}"

            let! answer = web.Send("POST", "/", [], Some(Http.file "a.png" (Picture.png 100)))
            Expect.equal (Http.status answer) 200 "the form"

            use! asking =
                WebUnderTest.Start([ $"--Api:Keys={first}"; "--Api:Page=key" ], [ worker.Address ])

            for headers, status in
                [
                    [], 401
                    own, 401
                    [ Http.basic "wrong-key-0123456789" ], 401
                    [ Http.basic first ], 200
                ] do
                let! answer = asking.Send("GET", "/", headers)
                Expect.equal (Http.status answer) status $"GET / {headers}"

                if status = 401 then
                    Expect.stringContains (Http.header "WWW-Authenticate" answer) "Basic" "the browser asks"

                let! answer =
                    asking.Send("POST", "/", headers, Some(Http.file "a.png" (Picture.png 100)))

                Expect.equal (Http.status answer) status $"POST / {headers}"

            let! answer = classifyAs asking own
            let! _ = refused 401 answer
            let! answer = classifyAs asking (Http.basic first :: own)
            Expect.equal (Http.status answer) 200 "the page's script, once the browser has it"
        }

let private rotation =
    testCaseTask "keys in a file are exchanged while the node runs; a file that is emptied or gone opens nothing"
    <| fun () ->
        task {
            let file = Path.GetTempFileName()

            try
                File.WriteAllText(file, $"# ours\n{first}\n")
                use! web = WebUnderTest.Start([ $"--Api:KeysFile={file}" ], [])

                let becomes key status =
                    EngineUnderTest.eventually $"{key} is {status}" (fun () ->
                        let answer = web.Send("GET", "/v2", bearer key).GetAwaiter().GetResult()
                        Http.status answer = status)

                do! becomes first 200
                File.WriteAllText(file, $"{first}\n  {second}\n")
                do! becomes second 200
                do! becomes first 200
                File.WriteAllText(file, $"{second}\n\n")
                do! becomes first 401
                File.WriteAllText(file, "")
                do! Task.Delay 1200
                do! becomes second 200
                let! nobody = web.Send("GET", "/v2")
                Expect.equal (Http.status nobody) 401 "an empty file opens nothing"
                File.Delete file
                do! Task.Delay 1200
                do! becomes second 200
            finally
                File.Delete file
        }

let private reload =
    test "keys of the configuration are exchanged when it is loaded again" {
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

let tests = testList "ApiKeys" [ keys; ownPage; rotation; reload ]
