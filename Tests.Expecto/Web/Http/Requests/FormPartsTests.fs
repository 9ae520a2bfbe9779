/// What a form may have beside its pictures.
module Tests.Expecto.Web.FormPartsTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Threading
open Expecto
open Tests.Expecto
open Microsoft.AspNetCore.WebUtilities
open Web.Giraffe
open Tests.Expecto.Web.UploadTests

/// A form whose one part has a header of this length, and counts what was read of it.
[<Sealed>]
type private LongHeader(length: int64) =
    inherit ReadOnlyStream()

    let start = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\""B
    let mutable read = 0L
    member _.BytesRead = read

    override _.Read(buffer: byte[], offset: int, count: int) =
        let count = int (min (int64 count) (length - read))

        for index in 0 .. count - 1 do
            let at = read + int64 index

            buffer[offset + index] <- if at < int64 start.Length then start[int at] else 'a'B

        read <- read + int64 count
        count

let private partHeader (length: int) =
    let name = String('a', length)
    $"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"

let private formOf (text: string) (picture: byte[]) : HttpContent =
    let body = Array.concat [ Encoding.Latin1.GetBytes text; picture; "\r\n--x--\r\n"B ]

    let content = new ByteArrayContent(body)
    content.Headers.ContentType <- Headers.MediaTypeHeaderValue.Parse "multipart/form-data; boundary=x"
    content

let private fields (name: int -> string) count : HttpContent =
    let form = new MultipartFormDataContent()

    for number in 1..count do
        form.Add(new StringContent "1", name number)

    form.Add(Http.part "a.png" (Picture.png 100))
    form

let tests =
    testList
        "FormParts"
        [
            testTask "ASP.NET Core's reader keeps a header line without an end, ours ends it at 16 KiB" {
                use body = new LongHeader(4L <<< 20)
                let reader = MultipartReader("x", body)

                try
                    let! _ = reader.ReadNextSectionAsync()
                    ()
                with
                | :? IOException
                | :? InvalidDataException -> ()

                Expect.isGreaterThan body.BytesRead 3_000_000L "should it be mended there, FormParts can go"
                use body = new LongHeader(4L <<< 20)

                let! refusal =
                    task {
                        try
                            let! _ = FormParts("x", body).Next CancellationToken.None
                            return ""
                        with :? InvalidDataException as error ->
                            return error.Message
                    }

                Expect.stringContains refusal "16384" "refused"
                Expect.isLessThan body.BytesRead 24_000L "after no more than the headers may have"
            }

            testTask "a part's headers are limited to 16 KiB, in the API's forms and the page's" {
                do!
                    withWorker [] (fun web _ ->
                        task {
                            let! fits = classify web (formOf (partHeader 16_000) (Picture.png 100))
                            Expect.equal (Http.status fits) 200 "below"

                            for path in [ "/api/classify"; "/" ] do
                                let! over =
                                    web.Send("POST", path, [], Some(formOf (partHeader 1_000_000) (Picture.png 100)))

                                Expect.equal (Http.status over) 400 path
                        })
            }

            testTask "many long headers, a long preamble and long skipped fields are limited, too" {
                do!
                    withWorker [] (fun web _ ->
                        task {
                            let many = String.replicate 2000 "X-Header: some value\r\n"
                            let! answer = classify web (formOf $"--x\r\n{many}\r\n" (Picture.png 100))
                            let! _ = refused 400 answer
                            let preamble = String('p', 1_000_000)

                            let! answer =
                                classify web (formOf $"{preamble}\r\n{partHeader 10}" (Picture.png 100))

                            let! _ = refused 400 answer
                            ()
                        })
            }

            testTask "a form's fields are limited, with one picture and with several" {
                do!
                    withWorker [ "--Upload:MaxFiles=4" ] (fun web worker ->
                        task {
                            let! fits =
                                web.Send("POST", "/", [], Some(fields (fun number -> $"field{number}") 15))

                            Expect.equal (Http.status fits) 200 "15 fields beside the picture"

                            let! over =
                                web.Send("POST", "/", [], Some(fields (fun number -> $"field{number}") 16))

                            Expect.equal (Http.status over) 400 "16 fields beside the picture"
                            let! fits = classify web (fields (fun _ -> "labels") 1000)
                            Expect.equal (Http.status fits) 200 "1,000 fields, however many files"
                            let! over = classify web (fields (fun _ -> "labels") 1025)
                            let! _ = refused 400 over
                            Expect.equal worker.Pictures.Length 2 "the others got no further"
                        })
            }
        ]
