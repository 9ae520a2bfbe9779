/// The options of keys and limit.
module Tests.Expecto.Web.ApiSettingsTests

open Expecto
open Microsoft.Extensions.Configuration
open Web.Giraffe.Api

let tests =
    let wrong key value =
        test $"{key}={value} is refused by name" {
            match
                ConfigurationBuilder().AddInMemoryCollection(dict [ key, value ]).Build()
                |> ApiSettings.read
            with
            | Error [ message ] -> Expect.stringStarts message key "names the option"
            | other -> failtest $"{other}"
        }

    testList
        "ApiSettings"
        [
            wrong "Api:Page" "closed"
            wrong "Api:RequestsPerSecond" "-1"
            wrong "Api:RequestsPerSecond" "fast"
            wrong "Api:Burst" "0"
            wrong "Api:KeysFile" "/nowhere/keys"
            wrong "Api:Key" "x"
        ]
