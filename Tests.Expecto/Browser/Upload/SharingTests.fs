/// Dropped and pasted pictures, answers as CSV, and the answers of an original worker.
module Tests.Expecto.Browser.SharingTests

open System
open System.IO
open Expecto
open Tests.Expecto
open Scenarios.Peers

/// Drops or pastes a file, by the browser's own events.
let private giveAs =
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
    home $"a {kind} is a picture like any other" desktop (fun tab ->
        task {
            let bytes = Convert.ToBase64String(File.ReadAllBytes(sample "soccer-ball"))
            let! _ = tab.Page.EvaluateAsync(giveAs, [| kind; "given.png"; bytes |])
            do! shows (only tab) "given.png"
            do! fiveRows (only tab) "soccer ball"
        })

/// A name that a shell, a spreadsheet and a CSV reader each take for more than a name.
let private awkward =
    home "answers are a line each in a CSV file; an awkward name stays a name there and in the command" desktop
    <| fun tab ->
        task {
            let name = """=it's "1, 2" $HOME.png"""
            let path = fileOf name (File.ReadAllBytes(sample "daisy"))
            do! giveAll tab [ path; photograph "lion.webp" ]
            do! answered tab 2
            do! tab.Page.ClickAsync "#results .export summary"
            let! csv = saved tab "#results .csv"
            let lines = File.ReadAllLines csv
            Expect.hasLength lines 3 "a head and two answers"
            Expect.stringStarts lines[0] "name,time,model,worker,milliseconds,label1,probability1" "the head"
            Expect.stringContains lines[1] ",daisy,0.9" "its first class"
            Expect.stringStarts lines[2] "lion.webp," "in the order of the cards"
            Expect.stringStarts lines[1] "\"'=it's \"\"1, 2\"\" $HOME.png\",2" "one cell, and no formula"
            let card = (tab.Page.Locator ".card").First
            let! line = details card

            let! said =
                shell $"cd '{Path.GetDirectoryName path}' && {line} --silent --max-time 60"

            Expect.equal (firstLabel said) "daisy" line
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
                    do! give tab (sample "daisy")
                    do! fiveRows (only tab) "daisy"
                    do! count (only(tab).Locator ".see") 0
                    do! hidden (only(tab).Locator ".why")
                    do! hidden (only(tab).Locator ".failure")
                    do! tab.Screenshot "old-worker"
                    clean tab
                })
    }

let tests =
    testSequencedGroup "browser"
    <| testList "Sharing" [ given "drop"; given "paste"; awkward; oldWorker ]
