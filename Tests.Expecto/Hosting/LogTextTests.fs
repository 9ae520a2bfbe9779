/// Untrusted text does not end a line of a text log, move a terminal's cursor or fill the log.
module Tests.Expecto.Hosting.LogTextTests

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Net.Sockets
open System.Text
open System.Threading.Tasks
open Expecto
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Logging
open Microsoft.Extensions.Logging.Abstractions
open Microsoft.Extensions.Logging.Console
open Node.Hosting.Logging
open Tests.Expecto
open Tests.Expecto.Web

/// A formatter that writes what it is given.
type private Bare() =
    inherit ConsoleFormatter "bare"

    override _.Write(entry: inref<LogEntry<'state>>, scopes: IExternalScopeProvider | null, writer: TextWriter) =
        writer.Write(entry.Formatter.Invoke(entry.State, entry.Exception))

        if not (isNull entry.Exception) then
            writer.Write(string entry.Exception)

        match scopes with
        | null -> ()
        | scopes -> scopes.ForEachScope((fun scope (writer: TextWriter) -> writer.Write $"[{scope}]"), writer)

/// What is written of a message with these values.
let private written (template: string) (values: (obj | null) list) (broken: exn | null) =
    let writer = new StringWriter()
    let scopes = LoggerExternalScopeProvider()
    use _ = scopes.Push "scope\r\u001b[1A"

    let logger =
        { new ILogger with
            member _.BeginScope _ = null
            member _.IsEnabled _ = true

            member _.Log(level, id, state, error, format) =
                let entry = LogEntry(level, "category", id, state, error, format)
                EscapingFormatter(Bare()).Write(&entry, scopes, writer)
        }

    logger.LogError(broken, template, Array.ofList values)
    string writer

let private isSafe (text: string) =
    text.EnumerateRunes()
    |> Seq.forall (fun rune ->
        match Rune.GetUnicodeCategory rune with
        | UnicodeCategory.Control
        | UnicodeCategory.Format
        | UnicodeCategory.LineSeparator
        | UnicodeCategory.ParagraphSeparator
        | UnicodeCategory.Surrogate -> false
        | _ -> true)

let private stranger =
    "x\r2026-11-29 00:00:00 info: forged\n\u001b[2J\u009b1A\u2028\u202e\u2066\u0000\u007f"

let private escapes =
    [
        "plain text, 'quoted' – and naïve: 東京 😀", "plain text, 'quoted' – and naïve: 東京 😀"
        "a\rb\nc\td", "a\\rb\\nc\\td"
        "\u001b[31m", "\\u001b[31m"
        "\u0000\u0007\u007f\u0085\u009b", "\\u0000\\u0007\\u007f\\u0085\\u009b"
        "\u2028\u2029\u200e\u202a\u202e\u2066\u2069\ufeff", "\\u2028\\u2029\\u200e\\u202a\\u202e\\u2066\\u2069\\ufeff"
        "\U000e0041", "\\U000e0041"
        String [| 'a'; '\ud800'; 'b' |], "a\\ufffdb"
    ]

let private units =
    testList
        "text"
        [
            for text, expected in escapes do
                test $"'{expected}'" { Expect.equal (LogText.Escape text) expected "escaped" }

            testProperty "any text comes out as one line without control characters"
            <| fun (text: char[]) -> isSafe (LogText.Escape(String text))

            test "a long value is cut and the rest of the message kept" {
                let text =
                    written "Failed: {Reason}, {Count} times" [ String('r', 500_000); 7 ] null

                Expect.stringContains text $"Failed: {String('r', 255)}…, 7 times" "cut"
                Expect.isLessThan text.Length 400 "and short"
            }

            test "a value of exactly 256 characters is kept, and a surrogate pair is not split" {
                Expect.equal (LogText.Cut(String('a', 256), 256)) (String('a', 256)) "whole"
                let pairs = String('a', 254) + "😀😀"
                Expect.equal (LogText.Cut(pairs, 256)) (String('a', 254) + "…") "before the pair"
            }

            test "messages, exceptions and scopes are escaped" {
                let inner = InvalidOperationException stranger

                let text =
                    written "Failed: {Reason}" [ stranger ] (IOException(stranger + String('m', 9_000), inner))

                Expect.isTrue (isSafe (text.Replace(Environment.NewLine, ""))) text
                Expect.stringContains text "Failed: x\\r2026" "the message"
                Expect.stringContains text "System.IO.IOException: x\\r2026" "the exception"
                Expect.stringContains text "---> System.InvalidOperationException: x\\r2026" "the inner one"
                Expect.stringContains text "[scope\\r\\u001b[1A]" "the scope"
                Expect.equal (text.Split(Environment.NewLine).Length) 3 "a line for each"
                Expect.isLessThan text.Length 1_500 "and short"
            }

            test "a message with many values keeps its end" {
                let values: (obj | null) list = [ for _ in 1..60 -> String('v', 250) ]
                let template = String.Join(' ', [ for index in 1..60 -> $"{{V{index}}}" ])
                Expect.isLessThan (written template values null).Length 5_000 "cut"
            }
        ]

let private registered =
    testTask "the web node's text formatters are wrapped under their own names" {
        use! web = WebUnderTest.Start []
        let formatters = web.Services.GetServices<ConsoleFormatter>() |> List.ofSeq

        let names is =
            formatters |> List.filter is |> List.map _.Name |> List.sort

        Expect.equal (names (fun formatter -> formatter :? EscapingFormatter)) [ "simple"; "systemd" ] "escaped"
        Expect.equal (names (fun formatter -> not (formatter :? EscapingFormatter))) [ "json" ] "by itself"
    }

let private worker =
    testTask "a size parameter with line ends and cursor movements is one line of the worker's log" {
        let port = Nodes.freePort ()
        use! worker = Nodes.worker port []
        use socket = new TcpClient()
        do! socket.ConnectAsync("127.0.0.1", port)
        let payload = "4;x\r2026-11-29 forged\n2026 forged, too\u001b[2J\u009b"
        let bytes = Encoding.Latin1.GetBytes payload
        let sum = Array.sumBy int bytes &&& 0xFFF
        let size = Array.concat [ "D "B; bytes; Encoding.ASCII.GetBytes $" -%04d{sum + 1}" ]
        do! socket.GetStream().WriteAsync size

        let failed () =
            worker.Lines |> Array.filter _.Contains("forged")

        do! Programs.logs 20.0 worker (fun () -> (failed ()).Length > 0)
        let line = Array.exactlyOne (failed ())
        Expect.stringContains line "\\r2026-11-29 forged\\n2026 forged, too\\u001b[2J" "in its place"
        Expect.isFalse (worker.Text.Contains '\u001b' || worker.Text.Contains '\u009b') "no escape sequence"
    }

let tests = testList "LogText" [ units; registered; worker ]
