/// A real browser for the pages' tests: Debian's Chromium, driven by Playwright.
[<AutoOpen>]
module Tests.Expecto.Browser.Browser

open System
open System.IO
open System.Threading.Tasks
open Microsoft.Playwright

/// `CHROMIUM`, or where Debian puts it.
let private executable =
    lazy
        (match Environment.GetEnvironmentVariable "CHROMIUM" with
         | null
         | "" -> [ "/usr/bin/chromium"; "/usr/bin/chromium-browser"; "/usr/bin/google-chrome" ]
         | path -> [ path ]
         |> List.tryFind File.Exists
         |> Option.defaultWith (fun () ->
             failwith "No Chromium: install it (Debian: apt-get install chromium), or name it in CHROMIUM."))

type Options =
    {
        Width: int
        Height: int
        Dark: bool
        Script: bool
        /// A phone: fingers and no mouse, and its own idea of a page's width.
        Touch: bool
        /// A camera, with Chromium's own moving picture.
        Camera: bool
        /// What the browser shows where it is asked for a password.
        Password: string option
        /// The name of the machine in addresses; those that end in `.test` are this machine's, and not local to the
        /// browser.
        Host: string
    }

let desktop =
    {
        Width = 1440
        Height = 900
        Dark = false
        Script = true
        Touch = false
        Camera = false
        Password = None
        Host = "localhost"
    }

let phone =
    { desktop with
        Width = 390
        Height = 844
        Touch = true
    }

/// The narrowest window that the pages are made for.
let narrow =
    { desktop with
        Width = 320
        Height = 568
    }

let sizes = [ "phone", phone; "desktop", desktop ]

let looks =
    [
        yield! sizes
        "phone-dark", { phone with Dark = true }
        "desktop-dark", { desktop with Dark = true }
    ]

let private playwright = lazy Playwright.CreateAsync()

/// `withCamera`: with Chromium's own moving picture.
let private launch (withCamera: bool) =
    task {
        let! playwright = playwright.Value

        return!
            playwright.Chromium.LaunchAsync(
                BrowserTypeLaunchOptions(
                    ExecutablePath = executable.Value,
                    // CI runs as root, where Chromium has no sandbox; the four after that keep it from calling home.
                    Args =
                        [|
                            "--no-sandbox"
                            "--disable-gpu"
                            "--disable-background-networking"
                            "--disable-component-update"
                            "--disable-sync"
                            "--no-first-run"
                            "--host-resolver-rules=MAP *.test 127.0.0.1"

                            if withCamera then
                                "--use-fake-device-for-media-stream"
                                "--use-fake-ui-for-media-stream"
                        |]
                )
            )
    }

/// The browser of all tests, which ends with this process: each test has a profile of its own in it.
let private browsers =
    Collections.Concurrent.ConcurrentDictionary<bool, Task<IBrowser>>()

/// One that crashed in a test is started again for the next.
let private browser (withCamera: bool) =
    task {
        let! running = browsers.GetOrAdd(withCamera, launch)

        if running.IsConnected then
            return running
        else
            return! browsers.AddOrUpdate(withCamera, launch, (fun withCamera _ -> launch withCamera))
    }

/// Opens a page of the web node on `port`, and closes it behind `run`.
let visit (port: int) (options: Options) (run: Tab -> Task) : Task =
    task {
        let! browser = browser options.Camera

        let wanted =
            BrowserNewContextOptions(
                JavaScriptEnabled = options.Script,
                ViewportSize = ViewportSize(Width = options.Width, Height = options.Height),
                ColorScheme = (if options.Dark then ColorScheme.Dark else ColorScheme.Light),
                HasTouch = options.Touch,
                IsMobile = options.Touch,
                // A browser lets a page that was clicked copy; a test has to say so.
                Permissions = [| "clipboard-read"; "clipboard-write" |]
            )

        match options.Password with
        | Some password -> wanted.HttpCredentials <- HttpCredentials(Username = "anyone", Password = password)
        | None -> ()

        let! context = browser.NewContextAsync wanted

        try
            context.SetDefaultTimeout 30_000f
            Assertions.SetDefaultExpectTimeout 20_000f
            let! page = context.NewPageAsync()
            do! run (Tab(page, $"http://{options.Host}:{port}", options.Script))
        finally
            context.CloseAsync().GetAwaiter().GetResult()
    }
