namespace Web.Giraffe

open System
open System.Buffers
open System.Text
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks
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

    // More than the names of a thousand classes.
    let private mostOfText = 32_768

    // .NET's parser takes an invalid escape as it is.
    let private hasInvalidEscape (value: string) =
        Regex.IsMatch(value, "%(?![0-9A-Fa-f]{2})")

    let private extended (value: string) =
        match ContentDispositionHeaderValue.TryParse $"form-data; filename*={value}" with
        | true, NonNull parsed when parsed.FileNameStar.HasValue && not (hasInvalidEscape value) ->
            Some(string parsed.FileNameStar)
        | _ -> None

    let private isText (mediaType: string) =
        mediaType = "" || mediaType = "application/json" || mediaType.StartsWith "text/"

    let ofSection (section: MultipartSection) : FormPart =
        let parameters = HeaderParameters.parse (string section.ContentDisposition)

        let find name = HeaderParameters.find name parameters
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

    /// Reads the text of a field.
    let text (name: string) (section: MultipartSection) (cancel: CancellationToken) : Task<Result<string, Problem>> =
        task {
            let buffer = ArrayPool<byte>.Shared.Rent(mostOfText + 1)

            try
                let! count =
                    section.Body.ReadAtLeastAsync(Memory(buffer, 0, mostOfText + 1), mostOfText + 1, false, cancel)

                if count > mostOfText then
                    return
                        Error(
                            Problem.wrong
                                $"The field '{Problem.shorten name}' may have up to {mostOfText} bytes of text."
                        )
                else
                    return Ok(Encoding.UTF8.GetString(buffer, 0, count))
            finally
                ArrayPool<byte>.Shared.Return buffer
        }
