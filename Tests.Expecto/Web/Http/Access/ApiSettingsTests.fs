/// The options of keys and limit.
module Tests.Expecto.Web.ApiSettingsTests

open Expecto
open Web.Giraffe
open Web.Giraffe.Api

let private refused pairs (start: string) =
    match GivenSettings.read pairs |> Result.map _.Api with
    | Error [ message ] -> Expect.stringStarts message start "names the option"
    | other -> failtest $"{other}"

let tests =
    let wrong key value =
        test $"{key}={value} is refused by name" { refused [ key, value ] key }

    testList
        "ApiSettings"
        [
            wrong "Api:Page" "closed"
            wrong "Api:RequestsPerSecond" "-1"
            wrong "Api:RequestsPerSecond" "fast"
            wrong "Api:Burst" "0"
            wrong "Api:KeysFile" "/nowhere/keys"
            wrong "Api:KeysFile" " "
            wrong "Api:KeysFile" (System.IO.Path.GetTempPath())
            wrong "Api:Keys" ""
            wrong "Api:Keys" " , "
            wrong "Api:Key" "x"
            test "blank keys are refused" { refused [ "Api:Keys:0", ""; "Api:Keys:1", " " ] "Api:Keys" }
            for name, content in
                [
                    "empty", ""B
                    "blank", " \n\r\n"B
                    "comments alone", "# first-key-0123456789\n"B
                    "not text", [| 0xFFuy; 0xFEuy; 0x80uy |]
                    "a control character", "first-key-0123456789\nsecond\027key\n"B
                    "a NUL", "first-key\000-0123456789\n"B
                    "too long", Array.create 2_000_000 (byte 'x')
                ] do
                test $"an invalid key file prevents the start: {name}" {
                    let file = System.IO.Path.GetTempFileName()

                    try
                        System.IO.File.WriteAllBytes(file, content)
                        refused [ "Api:KeysFile", file ] $"Api:KeysFile: {file} "
                    finally
                        System.IO.File.Delete file
                }
            test "comments, blank lines, Windows line ends and a byte order mark are ignored" {
                Expect.equal
                    (KeyFile.parse (Array.append [| 0xEFuy; 0xBBuy; 0xBFuy |] "# ours\r\n\r\n one key \r\ntwo\n"B))
                    (Ok [ "one key"; "two" ])
                    "two keys"
            }
        ]
