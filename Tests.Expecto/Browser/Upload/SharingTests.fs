/// Other ways into the upload page and out of it: dropped and pasted pictures, JSON, CSV, the command line, keys.
module Tests.Expecto.Browser.SharingTests

open System
open System.IO
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Scenarios.Peers
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

/// Gives the page a file as `kind`, `drop` or `paste`, does; the browser's own types carry it.
let private give =
    """([kind, name, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name, { type: "image/png" }));
        const event = kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
            : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
    }"""

let private given kind =
    case $"a {kind} is a picture as any other" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            let bytes = Convert.ToBase64String(File.ReadAllBytes(sample "soccer-ball"))
            let! _ = tab.Page.EvaluateAsync(give, [| kind; "given.png"; bytes |])
            do! shows (only tab) "given.png"
            do! fiveRows (only tab) "soccer ball"
            clean tab
        }

let private saved (download: IDownload) =
    task {
        let path = Path.Combine(Repository.artifacts "uploads", download.SuggestedFilename)
        do! download.SaveAsAsync path
        return! File.ReadAllLinesAsync path
    }

let private csv =
    case "the answers are a CSV file, a line each" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", [ sample "daisy"; sample "hourglass" ])
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2

            let click () =
                task {
                    do! tab.Page.Locator("#results .export summary").ClickAsync()
                    do! tab.Page.Locator("#results .csv").ClickAsync()
                }
                :> Task

            let! download = tab.Page.RunAndWaitForDownloadAsync click
            let! lines = saved download
            Expect.hasLength lines 3 "a head and two answers"
            Expect.stringStarts lines[0] "name,time,model,worker,milliseconds,label1,probability1" "the head"
            Expect.stringStarts lines[1] "daisy.png," "in the order of the cards"
            Expect.stringContains lines[1] ",daisy,0.9" "its first class"
            Expect.stringStarts lines[2] "hourglass.png," "the other"
            clean tab
        }

let private command =
    case "the command on the card gives the same answer in a shell" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", sample "jellyfish")
            do! fiveRows (only tab) "jellyfish"
            do! details (only tab)
            let! line = only(tab).Locator(".code code").InnerTextAsync()
            let! said = shell $"{line} --silent --max-time 60"
            use answer = JsonDocument.Parse said

            let first =
                answer.RootElement.GetProperty("predictions").EnumerateArray() |> Seq.head

            Expect.equal (first.GetProperty("label").GetString()) "jellyfish" "the same"
            Expect.isTrue (answer.RootElement.TryGetProperty("maps") |> fst) "with the maps"
            do! tab.Screenshot "command"
            clean tab
        }

/// A name that a shell, a spreadsheet and a CSV reader each take for more than a name.
let private awkward =
    case "a name with quotes, commas and an equals sign stays a name: in the command, in the CSV" desktop
    <| fun tab ->
        task {
            let name = """=it's "1, 2" $HOME.png"""
            let path = fileOf name (File.ReadAllBytes(sample "daisy"))
            do! tab.Goto "/"
            do! giveAll tab [ path; sample "hourglass" ]
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2

            let click () =
                task {
                    do! tab.Page.Locator("#results .export summary").ClickAsync()
                    do! tab.Page.Locator("#results .csv").ClickAsync()
                }
                :> Task

            let! download = tab.Page.RunAndWaitForDownloadAsync click
            let! lines = saved download
            Expect.stringStarts lines[1] "\"'=it's \"\"1, 2\"\" $HOME.png\",2" "one cell, and no formula"
            let card = (tab.Page.Locator ".card").First
            do! details card
            let! line = card.Locator(".code code").InnerTextAsync()

            let! said =
                shell $"cd '{Path.GetDirectoryName path}' && {line} --silent --max-time 60"

            use answer = JsonDocument.Parse said
            let best = answer.RootElement.GetProperty("predictions")[0]
            Expect.equal (string (best.GetProperty "label")) "daisy" line
            clean tab
        }

let private keys =
    testTask "with Api:Page=open the page works without a key, and a program does not" {
        let port = Nodes.freePort ()
        use! _worker = Nodes.worker port []

        use! web =
            Nodes.web [ port ] [ "--Api:Keys=a-key-of-the-tests-0123456789"; "--Api:Page=open" ]

        let! status, _ = web.Classify(File.ReadAllBytes(sample "daisy"))
        Expect.equal status 401 "no key"

        do!
            visit web.Port desktop (fun tab ->
                task {
                    do! tab.Goto "/"
                    do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
                    do! fiveRows (only tab) "daisy"
                    do! tab.Goto "/workers"
                    do! shows (tab.Page.Locator "#link") "Live"
                    clean tab
                })
    }

let private oldWorker =
    testTask "an original worker's classes are shown without maps and without a message" {
        use old =
            new OldWorker(fun _ -> "daisy:0.97,bee:0.01,vase:0.008,ant:0.004,fly:0.002")

        use! web = Nodes.web [ old.EndPoint.Port ] [ "--Pool:CheckSeconds=0" ]

        do!
            visit web.Port desktop (fun tab ->
                task {
                    do! tab.Goto "/"
                    do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
                    do! fiveRows (only tab) "daisy"
                    do! Assertions.Expect(only(tab).Locator ".see").ToHaveCountAsync 0
                    do! Assertions.Expect(only(tab).Locator ".why").ToBeHiddenAsync()
                    do! Assertions.Expect(only(tab).Locator ".failure").ToBeHiddenAsync()
                    do! tab.Screenshot "old-worker"
                    clean tab
                })
    }

let tests =
    testSequencedGroup "browser"
    <| testList "Sharing" [ given "drop"; given "paste"; csv; command; awkward; keys; oldWorker ]
