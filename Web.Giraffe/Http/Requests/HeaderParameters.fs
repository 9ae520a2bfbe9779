namespace Web.Giraffe

open System

/// Reads the parameters of Content-Type and Content-Disposition as clients write them. ASP.NET Core's parsers reject a
/// whole header with a blank, a colon or an equals sign in a value without quotes.
[<RequireQualifiedAccess>]
module HeaderParameters =
    let private isTokenCharacter character =
        Char.IsAsciiLetterOrDigit character
        || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal)

    let private skipBlanks (text: string) (start: int) =
        let mutable at = start

        while at < text.Length && (text[at] = ' ' || text[at] = '\t') do
            at <- at + 1

        at

    /// Returns whether a parameter, or nothing, begins after the semicolon at `at`.
    let private separates (text: string) (at: int) =
        let name = skipBlanks text (at + 1)
        let mutable ending = name

        while ending < text.Length && isTokenCharacter text[ending] do
            ending <- ending + 1

        ending = text.Length || (ending > name && text[ending] = '=')

    let private bare (text: string) (start: int) =
        let mutable at = start

        while at < text.Length && not (text[at] = ';' && separates text at) do
            at <- at + 1

        text.Substring(start, at - start).TrimEnd(), at

    /// A quote ends the value only if the value's end may be there. A backslash escapes a quote or a backslash; before
    /// other characters it belongs to a Windows path.
    let private quoted (text: string) (start: int) =
        let value = Text.StringBuilder()
        let mutable at = start + 1
        let mutable ended = false

        while not ended && at < text.Length do
            match text[at] with
            | '\\' when at + 1 < text.Length && (text[at + 1] = '"' || text[at + 1] = '\\') ->
                value.Append text[at + 1] |> ignore
                at <- at + 2
            | '"' when (let next = skipBlanks text (at + 1) in next = text.Length || text[next] = ';') ->
                ended <- true
                at <- skipBlanks text (at + 1)
            | character ->
                value.Append character |> ignore
                at <- at + 1

        string value, at

    /// Returns the names, in lower case, and the values of the parameters, in their order.
    let parse (header: string) : (string * string) list =
        let rec next (at: int) found =
            match header.IndexOf(';', min at header.Length) with
            | -1 -> List.rev found
            | semicolon ->
                let start = skipBlanks header (semicolon + 1)

                match header.IndexOfAny([| '='; ';' |], start) with
                | equals when equals >= 0 && header[equals] = '=' ->
                    let name = header.Substring(start, equals - start).Trim().ToLowerInvariant()
                    let first = skipBlanks header (equals + 1)

                    let value, ending =
                        if first < header.Length && header[first] = '"' then
                            quoted header first
                        else
                            bare header first

                    next ending ((name, value) :: found)
                | _ -> next start found

        next 0 []

    let find (name: string) (parameters: (string * string) list) : string option =
        parameters
        |> List.tryPick (fun (key, value) -> if key = name then Some value else None)

    /// Returns the media type in front of the parameters, in lower case; empty if there is none.
    let mediaType (header: string | null) : string =
        match header with
        | null -> ""
        | header -> header.Split(';', 2).[0].Trim().ToLowerInvariant()
