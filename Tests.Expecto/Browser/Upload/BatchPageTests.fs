/// Many pictures at once: dropped, in a queue, and the page stays smooth.
module Tests.Expecto.Browser.BatchPageTests

open System
open System.IO
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

/// How many requests for an answer there were, and how many at most at the same time, by the browser's own clock.
let private together =
    """() => {
        const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/classify"));
        const running = ({ startTime }) =>
            asked.filter((other) => other.startTime <= startTime && startTime < other.responseEnd).length;
        return [asked.length, Math.max(...asked.map(running))];
    }"""

/// Keeps the gaps between the page's frames, and its tasks of 50 ms and more.
let private watch =
    """() => {
        globalThis.smooth = { gaps: [], tasks: [] };
        new PerformanceObserver((list) => smooth.tasks.push(...list.getEntries().map(({ duration }) => duration)))
            .observe({ type: "longtask" });
        let last = performance.now();
        const frame = (now) => {
            smooth.gaps.push(now - last);
            last = now;
            requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
    }"""

/// Frames; the share of them that came within 34 ms (no more than one missed); the longest gap and the longest task, ms.
let private watched =
    """() => {
        const { gaps, tasks } = smooth;
        return [gaps.length, gaps.filter((gap) => gap <= 34).length / gaps.length, Math.max(...gaps), Math.max(0, ...tasks)];
    }"""

let private fifty =
    case "fifty keep to four at a time, and the page stays smooth" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/"
            let! _ = tab.Page.EvaluateAsync watch
            do! tab.Page.SetInputFilesAsync("#file", [ for index in 0..49 -> sample samples[index % 10] ])
            do! answered tab 50
            let! seen = tab.Page.EvaluateAsync<float[]> watched

            printfn
                "%s"
                ($"fifty pictures: {seen[0]:F0} frames, {100.0 * seen[1]:F0} %% of them within 34 ms, "
                 + $"longest gap {seen[2]:F0} ms, longest task {seen[3]:F0} ms, at {load ():F1} processes a processor")

            let! counts = tab.Page.EvaluateAsync<int[]> together
            Expect.equal counts[0] 50 "one request for each"
            Expect.isLessThanOrEqual counts[1] 4 "in flight"
            Expect.isGreaterThan counts[1] 1 "and not one after the other"
            Expect.isLessThan seen[3] 2000.0 "the longest task, ms"
            do! shows (tab.Page.Locator "#counted") "50 of 50 recognised"
            do! tab.Screenshot "fifty"
            clean tab
        }

/// Takes the last picture of the list back while those before it are being made ready: its state soon after, and how
/// many of the others are not ready yet.
let private takeBack =
    """async () => {
        const cards = [...document.querySelectorAll(".card")];
        const last = cards[cards.length - 1];
        last.querySelector(".cancel").click();
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [last.dataset.state, String(cards.slice(0, -1).filter((card) => !card.matches(".drawn")).length)];
    }"""

let private unready =
    case "a picture that waits to be made ready is taken back at once, whoever is before it" desktop
    <| fun tab ->
        task {
            use image = NetVips.Image.NewFromFile(sample "daisy")
            use large = image.Resize(5000.0 / float image.Width)
            let file = fileOf "large.jpg" (large.JpegsaveBuffer())
            do! tab.Goto "/"
            do! giveAll tab [ for _ in 1..6 -> file ]
            let! seen = tab.Page.EvaluateAsync<string[]> takeBack
            Expect.equal seen[0] "cancelled" "at once"
            Expect.isGreaterThan (int seen[1]) 0 "while others were not ready"
            // What is on the page has gone, and its title with it.
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=answered]").ToHaveCountAsync 5
            do! Assertions.Expect(tab.Page).ToHaveTitleAsync "Pictures · Recognition"
            do! tab.Page.ClickAsync "#results .clear"
            do! Assertions.Expect(tab.Page).ToHaveTitleAsync "What is in this picture? · Recognition"
            clean tab
        }

let private queued (name, options) =
    case $"what waits for its turn says so, and all of it is cancelled at once ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/"
            do! tab.Upload 15_000
            do! tab.Page.SetInputFilesAsync("#file", samples |> List.take 8 |> List.map sample)
            let waiting = tab.Page.Locator ".card[data-state=waiting]"
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=busy]").ToHaveCountAsync 4
            do! Assertions.Expect(waiting).ToHaveCountAsync 4
            do! shows waiting.First "Waiting…"
            do! shows (tab.Page.Locator "#counted") "0 of 8 recognised"
            do! inside tab.Page
            do! tab.Screenshot $"queued-{name}"
            // One of them alone is cancelled, and tried again: it waits behind the others.
            let one = tab.Page.Locator(".card", PageLocatorOptions(HasText = "honeycomb.png"))
            do! one.Locator(".cancel").ClickAsync()
            do! shows (one.Locator ".failure") "Cancelled"
            do! Assertions.Expect(waiting).ToHaveCountAsync 3
            do! one.Locator(".again").ClickAsync()
            do! Assertions.Expect(waiting).ToHaveCountAsync 4
            do! tab.Page.ClickAsync "#results .stop"
            do! Assertions.Expect(tab.Page.Locator ".card[data-state=cancelled]").ToHaveCountAsync 8
            do! tab.Screenshot $"all-cancelled-{name}"
            clean tab
        }

/// A file that is held over the page and not let go.
let private hold =
    """() => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], "x.png", { type: "image/png" }));
        document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""

let private dragged (name, options) =
    case $"a file that is held over the page closes the frame around it ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/"
            let! _ = tab.Page.EvaluateAsync hold
            do! Assertions.Expect(tab.Page.Locator "html.dragging").ToHaveCountAsync 1
            do! tab.Screenshot $"dragging-{name}"
            clean tab
        }

let private darkDesktop = "desktop-dark", { desktop with Dark = true }

let tests =
    testSequencedGroup "browser"
    <| testList
        "Batch page"
        [
            fifty
            unready
            yield! [ "phone", phone; darkDesktop ] |> List.map queued
            yield! [ "desktop", desktop; darkDesktop ] |> List.map dragged
        ]
