namespace Protocol.Core

open System
open System.Buffers
open System.Text

/// model-name = id [ "@" version ] — a model, and its version where it matters.
[<Struct>]
type ModelName =
    {
        /// 1 … 64 lower-case letters, digits, dots, underscores and hyphens.
        Id: string
        /// 1 … 32 letters, digits, dots, underscores and hyphens; any version if none is given.
        Version: string voption
    }

    override name.ToString() =
        match name.Version with
        | ValueSome version -> $"{name.Id}@{version}"
        | ValueNone -> name.Id

[<RequireQualifiedAccess>]
module ModelName =

    [<Literal>]
    let private MaxId = 64

    [<Literal>]
    let private MaxVersion = 32

    let private idBytes = SearchValues.Create "abcdefghijklmnopqrstuvwxyz0123456789._-"B

    let private versionBytes =
        SearchValues.Create "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"B

    let private isText (allowed: SearchValues<byte>) longest (text: ReadOnlySpan<byte>) =
        not text.IsEmpty && text.Length <= longest && text.IndexOfAnyExcept allowed < 0

    /// Parses the name; none if it is invalid.
    let tryRead (text: ReadOnlySpan<byte>) : ModelName voption =
        let mark = text.IndexOf '@'B
        let id = if mark < 0 then text else text.Slice(0, mark)

        if not (isText idBytes MaxId id) then
            ValueNone
        elif mark < 0 then
            ValueSome
                {
                    Id = Encoding.ASCII.GetString id
                    Version = ValueNone
                }
        elif isText versionBytes MaxVersion (text.Slice(mark + 1)) then
            ValueSome
                {
                    Id = Encoding.ASCII.GetString id
                    Version = ValueSome(Encoding.ASCII.GetString(text.Slice(mark + 1)))
                }
        else
            ValueNone

    /// Parses the name; none if it is invalid.
    let tryParse (text: string) : ModelName voption =
        tryRead (ReadOnlySpan(Encoding.UTF8.GetBytes text))

    let ofId id : ModelName = { Id = id; Version = ValueNone }

    /// Returns whether this name includes a model of this version.
    let includes (id: string) (version: string) (name: ModelName) =
        name.Id = id
        && name.Version |> ValueOption.forall (fun wanted -> wanted = version)
