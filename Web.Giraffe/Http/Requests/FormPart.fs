namespace Web.Giraffe

open System
open System.Text
open System.Threading
open Microsoft.AspNetCore.WebUtilities
open Microsoft.Net.Http.Headers

/// A part of a multipart body.
type FormPart =
    /// A file, in a field of any name. `name` is empty if the client gave none.
    | File of field: string * name: string
    /// A field with a text.
    | Field of name: string
    /// A text without a name.
    | Nameless

[<RequireQualifiedAccess>]
module FormPart =
    // Programs may leave out the file's name.
    let private fileFields = [ "file"; "files"; "image"; "images" ]

    // More than the longest name of a model.
    let private mostOfText = 4096

    let private extended (value: string) =
        match ContentDispositionHeaderValue.TryParse $"form-data; filename*={value}" with
        | true, NonNull parsed when parsed.FileNameStar.HasValue -> Some(string parsed.FileNameStar)
        | _ -> None

    let private isText (mediaType: string) =
        mediaType = "" || mediaType = "application/json" || mediaType.StartsWith "text/"

    let ofSection (section: MultipartSection) : FormPart =
        let parameters = HeaderParameters.parse (string section.ContentDisposition)

        let find name =
            parameters
            |> List.tryPick (fun (key, value) -> if key = name then Some value else None)

        let name = find "name" |> Option.defaultValue ""

        match find "filename*" |> Option.bind extended |> Option.orElse (find "filename") with
        | Some file -> File(name, file)
        | None when
            List.contains name fileFields
            || not (isText (HeaderParameters.mediaType section.ContentType))
            ->
            File(name, "")
        | None when name = "" -> Nameless
        | None -> Field name

    /// Reads the text of a field. A longer one is cut off, and no option has a value of that length.
    let text (section: MultipartSection) (cancel: CancellationToken) =
        task {
            let buffer = Array.zeroCreate<byte> mostOfText
            let! count = section.Body.ReadAtLeastAsync(Memory buffer, mostOfText, false, cancel)
            return Encoding.UTF8.GetString(buffer, 0, count)
        }
