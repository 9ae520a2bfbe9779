namespace Tests.Expecto.Browser

open System
open System.IO
open System.Text.RegularExpressions
open System.Threading.Tasks
open Microsoft.Playwright
open Tests.Expecto

[<AutoOpen>]
module private Screenshots =

    /// Whether docs/page.md lists a screenshot: by its name, or by the first part of it where the rest says the look.
    let listed =
        lazy
            (let names =
                Regex.Matches(File.ReadAllText(Path.Combine(Repository.root, "docs", "page.md")), "`([a-z0-9*-]+)`")
                |> Seq.map _.Groups[1].Value
                |> Set.ofSeq

             fun (name: string) ->
                 names.Contains name
                 || names
                    |> Seq.exists (fun listed -> listed.EndsWith '*' && name.StartsWith(listed.TrimEnd '*')))

    /// The memory that a process has for itself, in bytes: what is not shared with the browser's other processes.
    let privateBytes (processId: int) =
        File.ReadLines $"/proc/{processId}/smaps_rollup"
        |> Seq.filter (fun line -> line.StartsWith "Private_" || line.StartsWith "Swap:")
        |> Seq.sumBy (fun line -> 1024L * Int64.Parse(Regex.Match(line, @"\d+").Value))

    /// Nobody looks at more of a page's picture, in pixels.
    [<Literal>]
    let highest = 8000

    /// Ends after two frames of the browser.
    let frames =
        "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"

    /// Ends when every fill has grown to its length.
    let grown =
        """async () => {
            await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve))));
            const changes = document.getAnimations().filter((one) => one instanceof CSSTransition);
            await Promise.allSettled(changes.map(({ finished }) => finished));
        }"""

/// A page, and everything that went wrong on it: script errors, console errors, and requests to any other host.
[<Sealed>]
type Tab(page: IPage, origin: string, hasScript: bool) =
    let complaints = Collections.Concurrent.ConcurrentQueue<string>()

    do
        page.Console.Add(fun message ->
            if message.Type = "error" then
                complaints.Enqueue $"console: {message.Text}")

        page.PageError.Add(fun error -> complaints.Enqueue $"script: {error}")

        page.Request.Add(fun request ->
            if
                not (request.Url.StartsWith origin)
                && not (request.Url.StartsWith "blob:")
                && not (request.Url.StartsWith "data:")
            then
                complaints.Enqueue $"request to {request.Url}")

    // One for the whole test: what one session sets, another does not take back.
    let devTools = lazy (page.Context.NewCDPSessionAsync page)

    // Without scripts nothing on the page moves by itself, and nothing of this runs.
    let settled (script: string) : Task =
        if hasScript then
            page.EvaluateAsync script
        else
            Task.Delay 100

    member _.Page = page

    /// A command of the DevTools protocol.
    member _.Command(name: string, arguments: (string * obj) list) : Task =
        task {
            let! session = devTools.Value
            let! _ = session.SendAsync(name, Collections.Generic.Dictionary(dict arguments))
            ()
        }

    /// Uploads at this many bytes a second from here on; -1 for as fast as it goes.
    member tab.Upload(bytesPerSecond: int) : Task =
        tab.Command(
            "Network.emulateNetworkConditions",
            [
                "offline", false
                "latency", (if bytesPerSecond < 0 then 0 else 20)
                "downloadThroughput", -1
                "uploadThroughput", bytesPerSecond
            ]
        )

    member _.Run(script: string) : Task = page.EvaluateAsync script

    /// Takes the page's requests before they reach the server.
    member _.Route(pattern: string, handle: IRoute -> Task) : Task =
        page.RouteAsync(pattern, Func<IRoute, Task> handle)

    /// Answers the page's requests in the server's place.
    member tab.Answer(pattern: string, status: int, mediaType: string, body: string) : Task =
        tab.Route(
            pattern,
            fun route ->
                route.FulfillAsync(RouteFulfillOptions(Status = Nullable status, ContentType = mediaType, Body = body))
        )

    member _.Complaints = complaints.ToArray()

    /// The private memory of the page's process in bytes, after its garbage was collected.
    member tab.RendererMemory() : Task<int64> =
        task {
            do! tab.Command("HeapProfiler.collectGarbage", [])
            let browser = Unchecked.nonNull page.Context.Browser
            let! system = browser.NewBrowserCDPSessionAsync()
            let! info = system.SendAsync "SystemInfo.getProcessInfo"

            return
                info.Value.GetProperty("processInfo").EnumerateArray()
                |> Seq.filter (fun entry -> entry.GetProperty("type").GetString() = "renderer")
                |> Seq.map (fun entry -> privateBytes (entry.GetProperty("id").GetInt32()))
                |> Seq.max
        }

    /// Gets a page as a visitor before this one would have.
    member _.Warm(path: string) : Task = page.APIRequest.GetAsync(origin + path)

    member _.Goto(path: string) : Task =
        task {
            let! _ = page.GotoAsync(origin + path)
            ()
        }

    /// A picture of the whole page, for people; outside git, and listed in docs/page.md. The window grows for it: a
    /// picture that reaches beyond the window loses a phone's fingers, and shows cards that the browser did not draw.
    member _.Screenshot(name: string) : Task =
        task {
            if not (listed.Value name) then
                failwith $"docs/page.md does not list the state that the screenshot '{name}' shows."

            let path = Path.Combine(Repository.artifacts "screenshots", $"{name}.png")
            let size = Unchecked.nonNull page.ViewportSize
            // What a pointer rests on would move away under it.
            let! resting =
                page.EvaluateAsync<bool>
                    "matchMedia('(hover: hover)').matches && document.querySelector('.lit:hover') !== null"

            if not resting then
                // Cards have their true height once they were drawn, and a page is never lower than its window.
                let mutable height = 0
                let mutable rounds = 0

                while rounds < 5 do
                    do! page.SetViewportSizeAsync(size.Width, size.Height)
                    let! now = page.EvaluateAsync<int> "document.documentElement.scrollHeight"
                    do! page.SetViewportSizeAsync(size.Width, max size.Height (min now highest))
                    do! settled frames
                    rounds <- if now = height then 5 else rounds + 1
                    height <- now

            else
                // What lies below the window is drawn, too.
                do!
                    page.EvaluateAsync
                        "document.querySelectorAll('.card').forEach((card) => { card.style.contentVisibility = 'visible'; })"
                    :> Task

            do! settled grown
            let! _ = page.ScreenshotAsync(PageScreenshotOptions(Path = path, FullPage = resting))
            do! page.SetViewportSizeAsync(size.Width, size.Height)
            // What is clicked next lies still.
            do! settled frames
        }
