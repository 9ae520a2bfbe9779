/// Forms as clients write them, beyond what ASP.NET Core's header parsers take.
module Tests.Expecto.Web.ClientFormsTests

open System
open System.Text
open Expecto
open Tests.Expecto
open Tests.Expecto.Web.ClassifyUnderTest

let private picture = Picture.png 100

/// A body whose parts have these headers.
let private body (boundary: string) (parts: (string * byte[]) list) =
    [
        for headers, content in parts do
            Encoding.UTF8.GetBytes $"--{boundary}\r\n{headers}\r\n\r\n"
            content
            "\r\n"B
        Encoding.UTF8.GetBytes $"--{boundary}--\r\n"
    ]
    |> Array.concat

let private form disposition =
    body "x" [ $"Content-Disposition: {disposition}", picture ]
    |> Http.typed "multipart/form-data; boundary=x"

let private filesOf answer =
    task {
        let! json = Http.json answer

        return
            [
                for file in json.GetProperty("results").EnumerateArray() do
                    match file.TryGetProperty "file" with
                    | true, name -> string (name.GetString()), file.GetProperty("status").GetInt32()
                    | _ -> "", file.GetProperty("status").GetInt32()
            ]
    }

let private every =
    testTask "every file has a result, in order, however its name is written" {
        use! web = serve []

        let parts =
            [
                "form-data; name=file; filename=my first photo.png", picture, "my first photo.png", 200
                """form-data; name="file"; filename="the \"second\".png" """, picture, "the \"second\".png", 200
                "form-data; name=\"file\"; filename=a:b/c=d?.png", picture, "c=d?.png", 200
                "form-data; filename=no field.png", picture, "no field.png", 200
                "form-data; name=image; filename=über.png", picture, "über.png", 200
                "form-data; name=upload[]; filename*=UTF-8''%E2%82%AC.png; filename=x.png", picture, "€.png", 200
                // Not an escape: the other name counts.
                "form-data; name=file; filename*=UTF-8''%zz.png; filename=plain.png", picture, "plain.png", 200
                "form-data; name=file; filename=many.png"
                + String.Join("", [ for number in 1..100 -> $"\r\nX-{number}: y" ]),
                picture,
                "many.png",
                200
                "form-data; name=file; filename=notes 2.txt", "just some text, long enough"B, "notes 2.txt", 415
                "form-data; name=file; filename=empty one.png", [||], "empty one.png", 400
                "attachment; filename=\"C:\\me\\last.png\"", picture, "last.png", 200
            ]

        let bytes =
            body
                "x"
                [
                    for disposition, bytes, _, _ in parts -> $"Content-Disposition: {disposition}", bytes
                ]

        let! answer = classify web (Http.typed "multipart/form-data; boundary=x" bytes)
        let! files = filesOf answer
        Expect.equal files [ for _, _, name, status in parts -> name, status ] "all of them"
        Expect.hasLength web.Worker.Pictures 9 "the worker had the pictures"
    }

let private anyField =
    testTask "a single file may be in a field of any name, in the API's form and the page's" {
        use! web = serve []

        let forms =
            [
                "form-data; name=image; filename=a b.png"
                "form-data; name=\"photo\"; filename=\"a.png\""
                "form-data; name=inputs; filename=blob"
                "form-data; name=image"
                "form-data; name=bytes\r\nContent-Type: image/png"
                "form-data; name=bytes\r\nContent-Type: application/octet-stream"
            ]

        for disposition in forms do
            let! json = Http.jsonWith 200 disposition (classify web (form disposition))
            Expect.isTrue (fst (json.TryGetProperty "predictions")) "answered as a picture alone"
            do! Http.returns 200 $"the page: {disposition}" (web.Send("POST", "/", [], Some(form disposition)))

        Expect.hasLength web.Worker.Pictures (2 * forms.Length) "each"
    }

let private boundaries =
    testTask "a boundary has any character that RFC 2046 allows, with quotes and without" {
        use! web = serve []

        let boundaries =
            [
                "gc0pJq0M:08jU534c0p"
                "----=_Part_7_1234.5678"
                "a/b?c=d"
                "(paren),comma+plus'quote_-."
                "with a blank"
                String('b', 70)
            ]

        for boundary in boundaries do
            for written in [ boundary; $"\"{boundary}\"" ] do
                let bytes =
                    body boundary [ "Content-Disposition: form-data; name=file; filename=a.png", picture ]

                for contentType in
                    [
                        "multipart/form-data; boundary="
                        "Multipart/Form-Data;charset=utf-8;Boundary="
                    ] do
                    do! Http.returns 200 written (classify web (Http.typed (contentType + written) bytes))

        Expect.hasLength web.Worker.Pictures (4 * boundaries.Length) "each"

        for wrong in [ ""; "; boundary="; "; boundary=\"\""; "; boundary=" + String('b', 71) ] do
            let form = body "x" [ "A: b", picture ] |> Http.typed $"multipart/form-data{wrong}"
            do! refuses 400 "boundary" $"'{wrong}'" (classify web form)
    }

let private broken =
    testTask "a form that can't be read: what is wrong with it, in our words" {
        use! web = WebUnderTest.Start []
        let disposition = "Content-Disposition: form-data; name=file; filename=a.png"
        let whole = body "x" [ disposition, picture ]
        let text (bytes: byte[]) = Encoding.Latin1.GetString bytes
        let long = Picture.png 40_000
        let cut = "The form ends before its final boundary"
        let unreadable = "The form can't be parsed. Each part must start with '--x'"

        for about, bytes, says in
            [
                "nothing", [||], cut
                "cut off in the file", whole[.. whole.Length - 20], cut
                "no last boundary", whole[.. whole.Length - 8], cut
                "cut off in the headers", Encoding.Latin1.GetBytes $"--x\r\n{disposition}", cut
                "another boundary", body "y" [ disposition, long ], unreadable
                "lines without CR",
                Encoding.Latin1.GetBytes((text (body "x" [ disposition, long ])).Replace("\r\n", "\n")),
                unreadable
                "a folded header", body "x" [ disposition.Replace("; ", ";\r\n "), picture ], unreadable
                "long headers", body "x" [ $"{disposition}\r\nX-Long: {String('a', 30_000)}", picture ], unreadable
            ] do
            for path in [ "/api/classify"; "/api/classify/batch" ] do
                let! answer = send web path "multipart/form-data; boundary=x" bytes
                let! detail = refused 400 answer
                Expect.stringStarts detail says $"{path}: {about}"
    }

let private meant =
    testTask "a form's file that is no picture, but shows what was meant: advice" {
        use! web = WebUnderTest.Start []
        let base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(Picture.png 1000))

        for headers, bytes, says in
            [
                // curl -F file=samples/daisy.png
                "Content-Disposition: form-data; name=\"file\"", "samples/daisy.png"B, "-F file=@FILE"
                "Content-Disposition: form-data; name=\"image\"", base64, "is a picture in base64"
                "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Transfer-Encoding: base64",
                base64,
                "is a picture in base64"
                "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"", "samples"B, "Plain text"
            ] do
            let form =
                body "x" [ headers, bytes ] |> Http.typed "multipart/form-data; boundary=x"

            do! refuses 415 says headers (classify web form)
    }

let tests = testList "ClientForms" [ every; anyField; boundaries; broken; meant ]
