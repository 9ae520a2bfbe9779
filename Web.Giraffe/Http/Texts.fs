namespace Web.Giraffe

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Reflection
open System.Text.Json
open System.Text.RegularExpressions

/// A language of the pages: the file `Texts/NAME.json`.
type Language =
    {
        /// Has the number format of the file, since the program runs without the system's culture data.
        Culture: CultureInfo
        Texts: IReadOnlyDictionary<string, string>
    }

    /// `ltr` or `rtl`.
    member language.Direction = language.Texts["language.direction"]
    /// The name of the language in the language itself.
    member language.Name = language.Texts["language.name"]

/// The texts of the pages, in the language of the request (`CultureInfo.CurrentUICulture`).
[<RequireQualifiedAccess>]
module Texts =
    let private folder = "Texts/"

    let private read (resource: string) : Language =
        use stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream resource |> nonNull

        let texts = JsonSerializer.Deserialize<Dictionary<string, string>> stream |> nonNull

        let culture = CultureInfo(Path.GetFileNameWithoutExtension resource |> nonNull)
        culture.NumberFormat.NumberDecimalSeparator <- texts["number.decimal"]
        culture.NumberFormat.NumberGroupSeparator <- texts["number.group"]

        { Culture = culture; Texts = texts }

    /// All languages. The first one, English, is for callers that prefer none of them.
    let languages: Language list =
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
        |> Array.filter _.StartsWith(folder)
        |> Array.map read
        |> Array.sortBy (fun language -> language.Culture.Name <> "en", language.Culture.Name)
        |> List.ofArray

    let current () : Language =
        let name = CultureInfo.CurrentUICulture.Name

        languages
        |> List.tryFind (fun language -> language.Culture.Name = name)
        |> Option.defaultValue languages.Head

    let isEnglish () = (current ()).Culture.Name = "en"

    let text (key: string) : string = (current ()).Texts[key]

    let private placeholder = Regex @"\{(\w+)\}"

    /// Returns a text with its `{placeholders}` replaced.
    let fill (key: string) (values: (string * string) list) : string =
        let values = dict values
        placeholder.Replace(text key, (fun found -> values[found.Groups[1].Value]))

    /// Returns the number in the format of the language.
    let number (value: int64) : string =
        value.ToString("N0", (current ()).Culture)

    /// Returns the text `key.one` or `key.other`, with the number as `{count}`.
    let count (key: string) (value: int64) (values: (string * string) list) : string =
        let form = if value = 1L then "one" else "other"
        fill $"{key}.{form}" (("count", number value) :: values)

    /// Returns a duration in whole milliseconds; at least 1.
    let milliseconds (span: TimeSpan) : string =
        fill "number.milliseconds" [ "number", number (int64 (Math.Round(max 1.0 span.TotalMilliseconds))) ]

    /// Returns how long ago something was, in the largest unit that fits.
    let ago (elapsed: TimeSpan) : string =
        let unit, number' =
            if elapsed.TotalDays >= 1.0 then
                "days", elapsed.TotalDays
            elif elapsed.TotalHours >= 1.0 then
                "hours", elapsed.TotalHours
            elif elapsed.TotalMinutes >= 1.0 then
                "minutes", elapsed.TotalMinutes
            else
                "seconds", max 0.0 elapsed.TotalSeconds

        fill $"number.ago.{unit}" [ "number", number (int64 number') ]

    /// Returns a share of 1 in percent.
    let percent (decimals: int) (share: float) : string =
        fill "number.percent" [ "number", (share * 100.0).ToString($"N{decimals}", (current ()).Culture) ]

    /// Returns a share of 1 in percent, with no more decimals than it has.
    let percentUpTo (decimals: int) (share: float) : string =
        let format = "#,0." + String('#', decimals)
        fill "number.percent" [ "number", (share * 100.0).ToString(format, (current ()).Culture) ]
