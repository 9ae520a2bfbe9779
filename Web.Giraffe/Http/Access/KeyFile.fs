namespace Web.Giraffe.Api

open System
open System.IO
open System.Text

/// The file of `Api:KeysFile`.
[<RequireQualifiedAccess>]
module KeyFile =
    [<Literal>]
    let private MaxBytes = 1_048_576

    let private text = UTF8Encoding(false, true)

    // file = *(line LF); line = key / "#" comment / blank. UTF-8.
    let parse (bytes: byte[]) : Result<string list, string> =
        try
            let lines =
                (text.GetString bytes).TrimStart('\uFEFF').Split '\n'
                |> Array.map _.Trim()
                |> List.ofArray

            match lines |> List.tryFindIndex (Seq.exists Char.IsControl) with
            | Some index -> Error $"holds a control character on line {index + 1}: write a key on each line"
            | None ->
                match lines |> List.filter (fun line -> line <> "" && line[0] <> '#') with
                | [] -> Error "holds no key: write a key on each line"
                | keys -> Ok keys
        with :? DecoderFallbackException ->
            Error "is not UTF-8 text: write a key on each line"

    /// Returns the keys, at least one, or the error in the file.
    let read (path: string) : Result<string list, string> =
        try
            use file = File.OpenRead path
            let bytes = Array.zeroCreate (MaxBytes + 1)
            let count = file.ReadAtLeast(Span bytes, bytes.Length, false)

            if count > MaxBytes then
                Error $"is longer than {MaxBytes} bytes"
            else
                parse (Array.truncate count bytes)
        with
        | :? IOException
        | :? UnauthorizedAccessException as error -> Error $"can't be read ({error.Message.TrimEnd '.'})"
