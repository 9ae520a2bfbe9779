/// Many pictures in progress: the queue, cancelling, and a page that stays smooth.
module Tests.Expecto.Browser.BatchPageTests

open System
open System.IO
open Expecto
open Microsoft.Playwright

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
    home "of fifty pictures four are in flight at a time, and the page stays smooth" desktop (fun tab ->
        task {
            do! tab.Run watch
            do! giveAll tab [ for index in 0..49 -> sample samples[index % 10] ]
            do! answered tab 50
            let! seen = tab.Page.EvaluateAsync<float[]> watched

            printfn
                "%s"
                ($"fifty pictures: {seen[0]:F0} frames, {100.0 * seen[1]:F0} %% of them within 34 ms, "
                 + $"longest gap {seen[2]:F0} ms, longest task {seen[3]:F0} ms, at {load ():F1} processes a processor")

            let! counts = requests tab
            Expect.equal counts[0] 50 "one request for each"
            Expect.isLessThanOrEqual counts[1] 4 "in flight"
            Expect.isGreaterThan counts[1] 1 "and not one after the other"
            Expect.isLessThan seen[3] 2000.0 "the longest task, ms"
            do! shows (tab.Page.Locator "#counted") "50 of 50 recognised"
            do! tab.Screenshot "fifty"
        })

/// Cancels the last picture while those before it are prepared. Returns its state soon after, and how many of the others
/// are not prepared yet.
let private takeBack =
    """async () => {
        const cards = [...document.querySelectorAll(".card")];
        const last = cards[cards.length - 1];
        last.querySelector(".cancel").click();
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [last.dataset.state, String(cards.slice(0, -1).filter((card) => !card.matches(".drawn")).length)];
    }"""

let private unready =
    home "a picture that waits for its preparation is cancelled at once" desktop (fun tab ->
        task {
            use image = NetVips.Image.NewFromFile(sample "daisy")
            use large = image.Resize(5000.0 / float image.Width)
            let file = fileOf "large.jpg" (large.JpegsaveBuffer())
            do! giveAll tab [ for _ in 1..6 -> file ]
            let! seen = tab.Page.EvaluateAsync<string[]> takeBack
            Expect.equal seen[0] "cancelled" "at once"
            Expect.isGreaterThan (int seen[1]) 0 "while others were not ready"
            // What is on the page has gone, and its title with it.
            do! answered tab 5
            do! Assertions.Expect(tab.Page).ToHaveTitleAsync "Pictures · Recognition"
            do! tab.Page.ClickAsync "#results .clear"
            do! Assertions.Expect(tab.Page).ToHaveTitleAsync "What is in this picture? · Recognition"
        })

let private queued (name, options) =
    home $"queued pictures say so, and all are cancelled at once ({name})" options (fun tab ->
        task {
            do! tab.Upload 15_000
            do! giveAll tab (samples |> List.take 8 |> List.map sample)
            let waiting = tab.Page.Locator ".card[data-state=waiting]"
            do! count (tab.Page.Locator ".card[data-state=busy]") 4
            do! count waiting 4
            do! shows waiting.First "Waiting…"
            do! shows (tab.Page.Locator "#counted") "0 of 8 recognised"
            do! inside tab.Page
            do! tab.Screenshot $"queued-{name}"
            // One of them alone is cancelled, and tried again: it waits behind the others.
            let one = card tab "honeycomb.png"
            do! one.Locator(".cancel").ClickAsync()
            do! shows (one.Locator ".failure") "Cancelled"
            do! count waiting 3
            do! one.Locator(".again").ClickAsync()
            do! count waiting 4
            do! tab.Page.ClickAsync "#results .stop"
            do! count (tab.Page.Locator ".card[data-state=cancelled]") 8
            do! tab.Screenshot $"all-cancelled-{name}"
        })

/// Drags a file over the page without dropping it.
let private hold =
    """() => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], "x.png", { type: "image/png" }));
        document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""

let private dragged (name, options) =
    home $"a file dragged over the page closes the frame around it ({name})" options (fun tab ->
        task {
            do! tab.Run hold
            do! count (tab.Page.Locator "html.dragging") 1
            do! tab.Screenshot $"dragging-{name}"
        })

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
