/// The texts of the pages: complete in every language, used, and nowhere else.
module Tests.Expecto.Web.TextsTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto
open Web.Giraffe

let private sources (folder: string) (pattern: string) =
    Directory.GetFiles(Path.Combine(Repository.root, folder), pattern, SearchOption.AllDirectories)
    |> Array.filter (fun path -> not (Regex.IsMatch(path, @"[/\\](bin|obj)[/\\]")))
    |> Array.sort
    |> List.ofArray

let private views = sources "Web.Giraffe/Http" "*.fs"
let private scripts = sources "Web.Giraffe/wwwroot/assets" "*.js"

let private english = Texts.languages.Head

let private placeholders (text: string) =
    Regex.Matches(text, @"\{\w+\}") |> Seq.map _.Value |> Set.ofSeq

let private same =
    test "every language has the texts of every other, with the same placeholders" {
        Expect.isGreaterThanOrEqual Texts.languages.Length 2 "languages"
        let keys (language: Language) = Set.ofSeq language.Texts.Keys

        for language in Texts.languages do
            let name = language.Culture.Name
            Expect.equal (keys language) (keys english) $"the keys of {name}"

            for pair in language.Texts do
                Expect.isNotWhitespace pair.Value $"{name}: {pair.Key}"
                Expect.equal (placeholders pair.Value) (placeholders english.Texts[pair.Key]) $"{name}: {pair.Key}"
    }

/// The keys of a count are `key.one` and `key.other`, those of a message `key.title` and `key.detail`.
let private stem (key: string) =
    Regex.Replace(key, @"\.(one|other|title|detail)$", "")

let private used =
    test "every text is used, and every key in the code has a text" {
        let code =
            views @ scripts
            |> List.filter (fun path -> Path.GetFileName path <> "texts.js")
            |> List.map File.ReadAllText
            |> String.concat "\n"

        let literals =
            Regex.Matches(code, "[\"`]([a-z]+(?:\\.[a-z0-9-]+)+|language)[\"`]")
            |> Seq.map _.Groups[1].Value
            |> Set.ofSeq

        // Keys that end in a value, such as a status: the literal has a hole in it.
        let composed =
            Regex.Matches(code, "[\"`]([a-z]+(?:\\.[a-z0-9-]+)*\\.)(?:\\$?\\{|\" \\+)")
            |> Seq.map _.Groups[1].Value
            |> Set.ofSeq

        let isUsed (key: string) =
            key = "language"
            || literals.Contains key
            || literals.Contains(stem key)
            || composed |> Set.exists key.StartsWith

        let unused = english.Texts.Keys |> Seq.filter (isUsed >> not) |> List.ofSeq
        Expect.equal unused [] "texts that nothing shows"

        let known =
            english.Texts.Keys |> Seq.collect (fun key -> [ key; stem key ]) |> Set.ofSeq

        let groups = known |> Set.map (fun key -> key.Split('.')[0])

        let missing =
            Regex.Matches(
                code,
                "(?:text|fill|count|titled|column|_named|_dataName|(?:quiet|view|switch|choice|scriptButton) \"[^\"]*\")\\(?\\s*\"([a-z]+\\.[a-z0-9.-]*[a-z0-9])\""
            )
            |> Seq.map _.Groups[1].Value
            |> Seq.filter (fun key -> groups.Contains(key.Split('.')[0]) && not (known.Contains key))
            |> List.ofSeq

        Expect.equal missing [] "keys without a text"
    }

/// Words in the code of a view: what `str`, a label or a title shows.
let private wordsOfView =
    Regex
        "(?:\\bstr|_ariaLabel|_title|_alt|_placeholder|\"placeholder\") \\$?\"(?:[^\"{]|\\{[^}]*\\})*?[A-Za-z]{3}[^\"]*\""

/// Words in the code of a script: a capital and small letters, or two words that a selector or a class would not be.
let private wordsOfScript =
    Regex "\"(?:[A-Z][a-z]+(?:[ …,.’'!?:][^\"]*)?|[a-z]+(?: [a-z’']+){2,}[^\"]*)\""

/// What is no text: of the browser's interfaces, of JSON and of addresses.
let private names =
    set
        [
            "\"Enter\""
            "\"Escape\""
            "\"Tab\""
            "\"Home\""
            "\"End\""
            "\"Content-Type\""
            "\"ArrowUp\""
            "\"use strict\""
            "\"Files\""
            // The server's title, which the page has words of its own for.
            "\"No active worker\""
            // Part of the article of an English name.
            "\"a member of the \""
            "str \" | null\""
            "_placeholder \"HOST:PORT\""
        ]

let private nowhere =
    test "no text is left in the code of the pages" {
        let found (pattern: Regex) (path: string) =
            [
                for line in File.ReadAllLines path do
                    if not (line.TrimStart().StartsWith "//") then
                        for hit in pattern.Matches line do
                            if not (names.Contains hit.Value) then
                                $"{Path.GetFileName path}: {hit.Value}"
            ]

        let inViews =
            views
            |> List.filter (fun path -> path.Contains "Views")
            |> List.collect (found wordsOfView)

        let inScripts = scripts |> List.collect (found wordsOfScript)

        Expect.equal (inViews @ inScripts) [] "move them to Texts"
    }

let private chosen =
    testTask "the language is the one that was chosen, else the browser's; the API's errors are English" {
        use! web = WebUnderTest.Start []

        let languageOf path headers =
            task {
                let! answer = web.Send("GET", path, headers)
                let! text = Http.text answer
                return Regex.Match(text, "<html lang=\"([^\"]+)\" dir=\"ltr\">").Groups[1].Value, answer
            }

        for path, headers, expected in
            [
                "/", [], "en"
                "/", [ "Accept-Language", "fr, xx;q=0.9" ], "en"
                "/", [ "Accept-Language", "fr, de;q=0.7, en;q=0.5" ], "de"
                "/docs", [ "Accept-Language", "de-AT" ], "de"
                "/nowhere", [ "Accept-Language", "de-CH,de;q=0.9,en;q=0.8" ], "de"
                "/docs?lang=de", [ "Accept-Language", "en" ], "de"
                "/docs?lang=tlh", [ "Accept-Language", "de" ], "de"
            ] do
            let! language, _ = languageOf path headers
            Expect.equal language expected $"{path} %A{headers}"

        let! _, answer = languageOf "/docs?lang=de" []
        let cookie = (Http.header "Set-Cookie" answer).Split(';')[0]
        let! language, _ = languageOf "/" [ "Cookie", cookie; "Accept-Language", "en" ]
        Expect.equal language "de" "remembered"

        for path in [ "/docs?lang=tlh"; "/api/models?lang=de"; "/nowhere?lang=de" ] do
            let! answer = web.Send("GET", path)
            Expect.equal (Http.header "Set-Cookie" answer) "" path

        let! problem =
            Http.jsonOf (web.Send("GET", "/api/nowhere", [ "Accept-Language", "de" ]))

        Expect.equal (problem.GetProperty("title").GetString()) "Not found" "the API"
    }

let private formats =
    test "numbers have the format of their language" {
        let before = System.Globalization.CultureInfo.CurrentUICulture

        try
            for name, number, percent in [ "en", "1,234,567", "65.4%"; "de", "1.234.567", "65,4\u00a0%" ] do
                System.Globalization.CultureInfo.CurrentUICulture <- System.Globalization.CultureInfo name
                Expect.equal (Texts.number 1234567L) number name
                Expect.equal (Texts.percent 1 0.654) percent name
        finally
            System.Globalization.CultureInfo.CurrentUICulture <- before
    }

let tests = testList "Texts" [ same; used; nowhere; chosen; testSequenced formats ]
