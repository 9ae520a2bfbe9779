/// The limits on a form's headers and fields.
module Tests.Expecto.Web.FormPartsTests

open System
open System.IO
open System.Text
open System.Threading
open Expecto
open Tests.Expecto
open Microsoft.AspNetCore.WebUtilities
open Web.Giraffe
open Tests.Expecto.Web.ClassifyUnderTest

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

let private formOf (text: string) =
    Array.concat [ Encoding.Latin1.GetBytes text; Picture.png 100; "\r\n--x--\r\n"B ]
    |> Http.typed "multipart/form-data; boundary=x"

let private fields (name: int -> string) count =
    Http.form
        [
            for number in 1..count do
                Http.field (name number) "1"

            Http.part "a.png" (Picture.png 100)
        ]

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
                use! web = serve []
                do! Http.returns 200 "below" (classify web (formOf (partHeader 16_000)))

                for path in [ "/api/classify"; "/" ] do
                    do! Http.returns 400 path (web.Send("POST", path, [], Some(formOf (partHeader 1_000_000))))
            }

            testTask "many long headers, a long preamble and long skipped fields are limited, too" {
                use! web = serve []
                let many = String.replicate 2000 "X-Header: some value\r\n"
                do! refuses 400 "" "headers" (classify web (formOf $"--x\r\n{many}\r\n"))
                let preamble = String('p', 1_000_000)
                do! refuses 400 "" "a preamble" (classify web (formOf $"{preamble}\r\n{partHeader 10}"))
            }

            testTask "the page's form has up to 15 fields beside its picture, the API's up to 1,024 of an option" {
                for maxFiles in [ 1; 4 ] do
                    use! web = serve [ $"--Upload:MaxFiles={maxFiles}" ]

                    let page count =
                        web.Send("POST", "/", [], Some(fields (fun number -> $"field{number}") count))

                    let labels count =
                        classify web (fields (fun _ -> "labels") count)

                    do! Http.returns 200 "15 fields beside the picture" (page 15)
                    do! Http.returns 400 "16 fields beside the picture" (page 16)
                    do! Http.returns 200 "three" (labels 3)
                    do! Http.returns 200 "1,000 fields, however many files" (labels 1000)
                    do! refuses 400 "up to 1024 fields" "says so" (labels 1025)
                    Expect.hasLength web.Worker.Pictures 3 "the others got no further"
            }
        ]
