namespace Tests.Expecto.Web

open System
open System.Net.Http
open System.Net.Sockets
open System.Text
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Expecto

[<RequireQualifiedAccess>]
module Http =
    let text (answer: HttpResponseMessage) = answer.Content.ReadAsStringAsync()

    let json (answer: HttpResponseMessage) =
        task {
            let! text = text answer
            return JsonDocument.Parse(text).RootElement
        }

    let textOf (answer: Task<HttpResponseMessage>) =
        task {
            let! answer = answer
            return! text answer
        }

    let jsonOf (answer: Task<HttpResponseMessage>) =
        task {
            let! answer = answer
            return! json answer
        }

    let status (answer: HttpResponseMessage) = int answer.StatusCode

    /// The text of an answer that must have this status; a failure says for what, and what the answer was.
    let textWith expected (about: string) (answer: Task<HttpResponseMessage>) =
        task {
            let! answer = answer
            let! text = text answer

            if status answer <> expected then
                Expect.equal (status answer) expected $"{about}: {text}"

            return text
        }

    let jsonWith expected about answer =
        task {
            let! text = textWith expected about answer
            return JsonDocument.Parse(text).RootElement
        }

    /// The answer has this status.
    let returns expected about answer =
        task {
            let! _ = textWith expected about answer
            ()
        }

    let header name (answer: HttpResponseMessage) =
        match answer.Headers.TryGetValues name, answer.Content.Headers.TryGetValues name with
        | (true, values), _
        | _, (true, values) -> String.Join(", ", Unchecked.nonNull values)
        | _ -> ""

    let mediaType (answer: HttpResponseMessage) =
        match answer.Content.Headers.ContentType with
        | null -> ""
        | mediaType -> string mediaType.MediaType

    /// The text of a page that must have this status.
    let page expected (answer: Task<HttpResponseMessage>) =
        task {
            let! answer = answer
            Expect.equal (status answer, mediaType answer) (expected, "text/html") "a page"
            return! text answer
        }

    let body (bytes: byte[]) : HttpContent = new ByteArrayContent(bytes)

    let fields (pairs: (string * string) list) : HttpContent = new FormUrlEncodedContent(dict pairs)

    let basic (password: string) =
        "Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + password))

    /// A body with this Content-Type, which HttpClient may think wrong.
    let typed (contentType: string) (bytes: byte[]) : HttpContent =
        let content = new ByteArrayContent(bytes)
        content.Headers.TryAddWithoutValidation("Content-Type", contentType) |> ignore
        content

    let private disposed (disposition: string) (bytes: byte[]) : HttpContent =
        let part = new ByteArrayContent(bytes)

        part.Headers.TryAddWithoutValidation("Content-Disposition", disposition)
        |> ignore

        part

    /// A file in this field of a form, with this name, whatever it is: no quotes, no line breaks.
    let partOf (field: string) (name: string) =
        disposed $"form-data; name=\"{field}\"; filename=\"{name}\""

    /// The same in the field `file`.
    let part = partOf "file"

    /// A field of a form with a text.
    let field (name: string) (text: string) =
        disposed $"form-data; name=\"{name}\"" (Encoding.UTF8.GetBytes text)

    /// A multipart body of these parts.
    let form (parts: HttpContent seq) : HttpContent =
        let form = new MultipartFormDataContent()
        parts |> Seq.iter form.Add
        form

    /// Several files in this field.
    let files field (files: (string * byte[]) list) =
        form [ for name, bytes in files -> partOf field name bytes ]

    let file name bytes = form [ part name bytes ]

    /// The same where nothing was chosen, as a browser sends it.
    let noFile () : HttpContent = file "" [||]

[<RequireQualifiedAccess>]
module Picture =
    /// A file that begins like a PNG, `length` bytes long; what the test's worker says of it doesn't depend on the rest.
    let png length : byte[] =
        Array.append
            [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]
            (Array.zeroCreate (length - 8))

/// A connection whose bytes are the test's own.
[<Sealed>]
type RawConnection(socket: TcpClient) =
    let stream = socket.GetStream()

    /// The head of a request with a body of this length.
    static member Head(path: string, contentType: string, length: int) =
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\n\r\n"

    member _.Socket = socket
    member _.Send(bytes: byte[]) = stream.WriteAsync(ReadOnlyMemory bytes)

    member connection.Send(text: string) =
        connection.Send(Encoding.ASCII.GetBytes text)

    /// Reads until the connection ends, or what was read has `text`.
    member _.ReadUntil(text: string) =
        task {
            use late = new CancellationTokenSource(TimeSpan.FromSeconds 60.0)
            let buffer = Array.zeroCreate<byte> 65_536
            let mutable read = ""
            let mutable going = true

            while going do
                let! count = stream.ReadAsync(Memory buffer, late.Token)
                read <- read + Encoding.UTF8.GetString(buffer, 0, count)
                going <- count > 0 && not (read.Contains text)

            return read
        }

    /// The answer's first line, or what came of it before the connection ended.
    member connection.FirstLine() =
        task {
            let! read = connection.ReadUntil "\r"
            return (read.Split '\r')[0]
        }

    member connection.ReadToEnd() = connection.ReadUntil "\000"

    interface IDisposable with
        member _.Dispose() = socket.Dispose()
