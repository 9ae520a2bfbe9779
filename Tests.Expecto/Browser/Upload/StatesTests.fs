/// The upload page in its other states: without a network, a worker or a script, with what is no picture, large or old.
module Tests.Expecto.Browser.StatesTests

open System
open System.IO
open System.Net.Http
open System.Text.Json
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private offline =
    case "without a network a picture waits for one" phone
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.Context.SetOfflineAsync true
            do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
            do! shows (only tab) "You're offline"
            do! tab.Screenshot "offline"
            do! tab.Page.Context.SetOfflineAsync false
            do! fiveRows (only tab) "daisy"
        }

let private wrongFile =
    case "what is no picture gets a sentence that says what to do" desktop
    <| fun tab ->
        task {
            let file = Path.Combine(Repository.artifacts "uploads", "notes.txt")
            File.WriteAllText(file, "no picture at all")
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", file)
            do! shows (only(tab).Locator ".notice") "JPEG"
            do! tab.Screenshot "error"
            // The browser itself reports the 415 that the page then explains.
            Expect.isEmpty (tab.Complaints |> Array.filter (fun text -> not (text.Contains "415"))) "nothing else"
        }

let private best (port: int) (bytes: byte[]) =
    task {
        use client = new HttpClient()

        let! answer =
            client.PostAsync($"http://localhost:{port}/api/classify", new ByteArrayContent(bytes))

        let! text = answer.Content.ReadAsStringAsync()
        use document = JsonDocument.Parse text

        let first =
            document.RootElement.GetProperty("predictions").EnumerateArray() |> Seq.head

        return string (first.GetProperty("label").GetString()), first.GetProperty("probability").GetDouble()
    }

let private whole =
    case "a large photograph goes out as it is, with the answer of the whole file" desktop
    <| fun tab ->
        task {
            let! port = site.Value
            use image = NetVips.Image.NewFromBuffer(Repository.photograph "dog.jpg")
            use large = image.Resize(2600.0 / float (max image.Width image.Height))
            let file = Path.Combine(Repository.artifacts "uploads", "large.png")
            large.WriteToFile file
            Expect.isGreaterThan (FileInfo(file).Length) 2_000_000L "large"
            let! expected = best port (File.ReadAllBytes file)
            do! tab.Goto "/"
            do! tab.Page.SetInputFilesAsync("#file", file)
            do! fiveRows (only tab) (fst expected)
            let! share = only(tab).Locator(".share").First.InnerTextAsync()
            Expect.floatClose Accuracy.medium (float (share.TrimEnd '%')) (100.0 * snd expected) "the same probability"
            do! Assertions.Expect(only(tab).Locator ".note").ToBeHiddenAsync()
            File.Delete file
            clean tab
        }

let private history =
    case "the answers so far are kept in this browser, and forgotten when told" phone
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#samples button[value^='honeycomb']"
            do! fiveRows (only tab) "honeycomb"
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#history summary"
            do! shows (tab.Page.Locator "#history li") "honeycomb"
            do! tab.Page.ClickAsync "#history .clear"
            do! Assertions.Expect(tab.Page.Locator "#history li").ToHaveCountAsync 0
            do! shows (tab.Page.Locator "#undo") "History cleared"
            do! tab.Page.ClickAsync "#undo button"
            do! shows (tab.Page.Locator "#history li") "honeycomb"
            do! tab.Page.UncheckAsync "#keep-history"
            do! tab.Page.ClickAsync "#samples button[value^='jellyfish']"
            do! shows (tab.Page.Locator(".card").First.Locator ".best") "jellyfish"
            do! Assertions.Expect(tab.Page.Locator "#history li").ToHaveCountAsync 1
            clean tab
        }

let private theme =
    case "light and dark by the switch, remembered" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#theme"
            do! tab.Goto "/workers"
            do! Assertions.Expect(tab.Page.Locator "html").ToHaveAttributeAsync("data-theme", "dark")
            do! tab.Page.ClickAsync "#theme"
            do! Assertions.Expect(tab.Page.Locator "html").Not.ToHaveAttributeAsync("data-theme", "dark")
        }

let private withoutScript =
    case "without JavaScript the form does the same" { desktop with Script = false }
    <| fun tab ->
        task {
            let result = tab.Page.Locator "#result"
            do! tab.Goto "/"
            do! tab.Screenshot "upload-no-script"
            do! tab.Page.ClickAsync ".send"
            do! shows result "Choose"
            do! tab.Screenshot "failed-no-script"
            do! tab.Page.SetInputFilesAsync("#file", sample "honeycomb")
            do! tab.Page.ClickAsync ".send"
            do! fiveRows result "honeycomb"
            do! tab.Page.ClickAsync "#samples button[value^='digital-clock']"
            do! fiveRows result "digital clock"
            do! tab.Screenshot "result-no-script"
        }

let private narrow =
    case "320 pixels are enough, and 3840 are not too many" { phone with Width = 320; Height = 568 }
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Page.ClickAsync "#samples button[value^='jellyfish']"
            do! fiveRows (only tab) "jellyfish"
            do! inside tab.Page
            do! tab.Screenshot "narrow"
            do! tab.Page.SetViewportSizeAsync(3840, 2160)
            do! inside tab.Page
            do! tab.Screenshot "wide"
        }

let private extremes =
    case
        "ten at 320 pixels and at 3840"
        { desktop with
            Width = 320
            Height = 568
        }
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! giveAll tab (List.map sample samples)
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 10
            do! inside tab.Page
            do! tab.Screenshot "ten-320"
            do! tab.Page.SetViewportSizeAsync(3840, 2160)
            do! inside tab.Page
            do! tab.Screenshot "ten-3840"
            clean tab
        }

let private forced =
    case "with the system's own colours (high contrast) bars and switch are still there" { desktop with Dark = true }
    <| fun tab ->
        task {
            do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(ForcedColors = Nullable ForcedColors.Active))
            do! tab.Goto "/"
            do! giveAll tab [ sample "daisy"; sample "analog-clock" ]
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 2
            do! tab.Page.Locator(".see").First.ClickAsync()

            let! fill =
                tab.Page.EvaluateAsync<string[]>
                    "['.fill', '.track'].map((part) => getComputedStyle(document.querySelector(part)).fill)"

            Expect.notEqual fill[0] fill[1] "the bar is seen on its track"
            do! tab.Screenshot "forced-colors"
            clean tab
        }

let private noWorker =
    testTask "without a worker the page says so and tries again later" {
        let port = Nodes.freePort ()
        use! web = Nodes.web [ port ] []

        do!
            visit web.Port desktop (fun tab ->
                task {
                    // The first check finds nobody.
                    do!
                        web.Node.UntilAsync(
                            "without a worker",
                            TimeSpan.FromSeconds 60.0,
                            fun () ->
                                task {
                                    let! status, _ = web.Get "/v2/health/ready"
                                    return status = 503
                                }
                        )

                    do! tab.Goto "/"
                    do! shows (tab.Page.Locator "#no-workers") "No workers are available"
                    do! tab.Screenshot "no-workers-yet"
                    do! tab.Page.SetInputFilesAsync("#file", sample "daisy")
                    do! shows (only(tab).Locator ".notice strong") "No workers are available"
                    do! shows (only(tab).Locator ".notice p") "Retrying…"
                    do! shows (only(tab).Locator ".doing") "Retrying in"
                    do! tab.Screenshot "no-worker"
                    use! _worker = Nodes.worker port []

                    do!
                        Assertions
                            .Expect(only(tab).Locator "tbody tr")
                            .ToHaveCountAsync(5, LocatorAssertionsToHaveCountOptions(Timeout = Nullable 40_000f))

                    do! Assertions.Expect(tab.Page.Locator "#no-workers").ToHaveCountAsync 0
                })
    }

let tests =
    testSequencedGroup "browser"
    <| testList
        "States"
        [
            offline
            wrongFile
            whole
            history
            theme
            withoutScript
            narrow
            extremes
            forced
            noWorker
        ]
