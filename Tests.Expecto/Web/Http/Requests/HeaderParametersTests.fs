/// The parameters of Content-Type and Content-Disposition, as clients write them.
module Tests.Expecto.Web.HeaderParametersTests

open Expecto
open Web.Giraffe

let tests =
    let case (text: string) expected =
        test text { Expect.equal (HeaderParameters.parse text) expected "parameters" }

    testList
        "HeaderParameters"
        [
            case "multipart/form-data" []
            case "form-data; name=file; filename=a.png" [ "name", "file"; "filename", "a.png" ]
            case "form-data; name=file; filename=my photo (1).png" [ "name", "file"; "filename", "my photo (1).png" ]
            case "form-data; filename=a b.png; name=file" [ "filename", "a b.png"; "name", "file" ]
            case "form-data; filename=a; b.png; name=file" [ "filename", "a; b.png"; "name", "file" ]
            case "form-data ;NAME = \"file\" ; FileName=\"a.png\" ;" [ "name", "file"; "filename", "a.png" ]
            case
                """form-data; name="file"; filename="say \"hi\".png" """
                [ "name", "file"; "filename", "say \"hi\".png" ]
            case """form-data; filename="a "b" c.png"; name=file""" [ "filename", "a \"b\" c.png"; "name", "file" ]
            case """form-data; filename="C:\me\a.png"; name=file""" [ "filename", "C:\\me\\a.png"; "name", "file" ]
            case """form-data; filename="a;name=x.png"; name="file" """ [ "filename", "a;name=x.png"; "name", "file" ]
            case """form-data; filename="no end""" [ "filename", "no end" ]
            case "form-data; filename=" [ "filename", "" ]
            case "form-data; filename=\"\"" [ "filename", "" ]
            case "form-data; filename" []
            case ";;;=;" [ "", "" ]
            case
                "multipart/form-data; boundary=----=_Part:5/(a)?,x; charset=utf-8"
                [ "boundary", "----=_Part:5/(a)?,x"; "charset", "utf-8" ]
            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 1000
                }
                "no header throws"
            <| fun (text: string | null) ->
                HeaderParameters.parse (string text) |> ignore
                HeaderParameters.mediaType text |> ignore
        ]
