/// `recognize` on a terminal: bars, colours, maps, and lines that fit.
module Tests.Expecto.CommandLine.TerminalTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Tests.Expecto

let private daisy = Recognize.sample "daisy"

/// With those of two characters that switch a terminal's keypad: they take no column either.
let private escape = Regex "\x1b(\\[[0-9;?]*[A-Za-z]|[=>])"
let private colour = Regex "\x1b\\[[0-9;]*(3[0-7]|4[0-7]|9[0-7]|38;|48;)[0-9;]*m"

let private plain (text: string) =
    escape.Replace(text, "").Replace("\r", "").Split '\n'

let private terminal =
    testTask "a terminal gets bars that fit it, coloured unless NO_COLOR is set" {
        for columns in [ 80; 40 ] do
            let! result = Recognize.onTerminal columns [ daisy ] []
            Expect.equal result.Code 0 result.Out
            Expect.stringContains result.Out "████" "a bar"
            Expect.isTrue (colour.IsMatch result.Out) "colours"
            let widest = plain result.Out |> Array.map _.Length |> Array.max
            Expect.isLessThanOrEqual widest columns result.Out

            let row =
                plain result.Out
                |> Array.find (fun line -> line.TrimStart().StartsWith "daisy ")

            Expect.stringContains row "99.9%" "the percentage"

        let! result = Recognize.onTerminal 80 [ daisy ] [ "NO_COLOR", "1" ]
        Expect.isFalse (colour.IsMatch result.Out) result.Out
        Expect.stringContains result.Out "████" "the bar is there all the same"
    }

let private longNames =
    testTask "a name longer than the terminal is cut at its beginning" {
        use root = new TemporaryFolder()
        // The Chinese characters take two columns each.
        let folder =
            Directory.CreateDirectory(Path.Combine(root.Path, String('a', 60), String('花', 30)))

        let picture = Path.Combine(folder.FullName, "daisy.png")
        File.Copy(daisy, picture)

        for columns, arguments in [ 80, []; 40, []; 40, [ "--top"; "1" ] ] do
            let! result = Recognize.onTerminal columns (picture :: arguments) []
            Expect.equal result.Code 0 result.Out

            let lines = plain result.Out |> Array.filter (fun line -> line.Contains "daisy.png")

            Expect.equal lines.Length 1 result.Out
            let wide = lines[0] |> Seq.filter (fun one -> one = '花') |> Seq.length
            Expect.isLessThanOrEqual (lines[0].TrimEnd().Length + wide) columns lines[0]
            Expect.isTrue (Regex.IsMatch(lines[0], "^…a*/?花*/daisy.png  ?[0-9d]")) lines[0]

            if arguments.IsEmpty then
                Expect.isTrue (Regex.IsMatch(lines[0], "  [0-9]+ ms$")) "the time is on the same line"
    }

let private progress =
    testTask "a terminal shows the progress over many pictures, and a line for each failure" {
        let! result =
            Recognize.onTerminal 120 [ "samples"; "samples"; "README.md"; "--top"; "1" ] []

        Expect.equal result.Code 3 result.Out

        let samples =
            Directory.GetFiles(Path.Combine(Tests.Expecto.Repository.root, "samples"), "*.png")

        Expect.stringContains result.Out $"{2 * samples.Length + 1} pictures" "the bar's title"
        let lines = plain result.Out |> Array.map _.Trim()

        Expect.contains
            lines
            "README.md: is refused: Plain text isn't supported: choose a picture, such as a JPEG or PNG."
            "the line"

        Expect.contains lines $"1 of {2 * samples.Length + 1} pictures was not classified." "the count"

        let rows =
            lines |> Array.filter (fun line -> line.EndsWith '%' && line.Contains '█')

        Expect.equal rows.Length (2 * samples.Length) result.Out
    }

let private map =
    testTask "--explain draws the map on a terminal, in colours or in shades" {
        let! result =
            Recognize.onTerminal 80 [ daisy; "--explain" ] [ "COLORTERM", "truecolor" ]

        Expect.equal result.Code 0 result.Out
        let drawn = plain result.Out |> Array.filter (fun line -> line.Contains '▀')
        Expect.equal drawn.Length 18 "two rows of 36 in a line"
        Expect.isTrue (result.Out.Contains "48;2;") "true colours"
        let! result = Recognize.onTerminal 80 [ daisy; "--explain" ] [ "NO_COLOR", "1" ]
        let middle = plain result.Out |> Array.find (fun line -> line.Contains "▓█")
        Expect.isFalse (colour.IsMatch result.Out) middle
    }

let tests = testList "Terminal" [ terminal; longNames; progress; map ]
