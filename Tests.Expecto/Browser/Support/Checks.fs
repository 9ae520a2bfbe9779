/// What the tests expect of a page.
[<AutoOpen>]
module Tests.Expecto.Browser.Checks

open System
open System.Globalization
open System.IO
open System.Text.RegularExpressions
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Deque.AxeCore.Playwright

let shows (locator: ILocator) (text: string) : Task =
    Assertions.Expect(locator).ToContainTextAsync text

let visible (locator: ILocator) : Task =
    Assertions.Expect(locator).ToBeVisibleAsync()

let hidden (locator: ILocator) : Task =
    Assertions.Expect(locator).ToBeHiddenAsync()

let count (locator: ILocator) (expected: int) : Task =
    Assertions.Expect(locator).ToHaveCountAsync expected

/// An attribute of the page's root, such as its language.
let root (tab: Tab) (name: string) (value: string) : Task =
    Assertions.Expect(tab.Page.Locator "html").ToHaveAttributeAsync(name, value)

let bounds (locator: ILocator) =
    task {
        let! bounds = locator.BoundingBoxAsync()
        return Unchecked.nonNull bounds
    }

/// So many pictures have an answer.
let answered (tab: Tab) (count: int) : Task =
    Assertions
        .Expect(tab.Page.Locator ".card[data-state=answered]")
        .ToHaveCountAsync(count, LocatorAssertionsToHaveCountOptions(Timeout = Nullable 120_000f))

/// The files of the cards, in their order.
let names (tab: Tab) =
    task {
        let! names = tab.Page.Locator("#cards > .card:visible .name").AllInnerTextsAsync()
        return List.ofSeq names
    }

let private percentage = Regex @"^\d{1,3}\.\d{3}\s?%$"

/// The table of an answer: five rows, category, bar, percentage with three decimals, most probable first.
let fiveRows (place: ILocator) (expected: string) =
    task {
        let rows = place.Locator "tbody tr"
        do! count rows 5
        do! shows (rows.First.Locator "th") expected
        let! shares = place.Locator("tbody .share").AllInnerTextsAsync()

        for share in shares do
            Expect.isTrue (percentage.IsMatch(share.Trim())) $"'{share}' is a percentage with three decimals"

        let numbers = [ for share in shares -> float (share.Trim().TrimEnd('%').Trim()) ]
        Expect.equal numbers (List.sortDescending numbers) "most probable first"
        // What is behind "Details" is read, too.
        do! shows (place.Locator ".worker") "127.0.0.1:"
        do! shows (place.Locator ".time") " ms"
    }

let private failed (check: ILocator -> Task) (tab: Tab) (name: string) (title: string) (advice: string) =
    task {
        let card =
            tab.Page.Locator(".card[data-state=failed]", PageLocatorOptions(HasText = name))

        do! shows (card.Locator ".failure strong") title
        do! shows (card.Locator ".failure p") advice
        do! check (card.Locator ".again")
    }

/// The card of the file `name` has failed, in words that hold `title` and `advice`, and can be tried again.
let failing tab name title advice = failed visible tab name title advice

/// The same of a file that no attempt will make a picture of.
let failingForGood tab name title advice = failed hidden tab name title advice

/// Requests for an answer: how many there were, and how many at most at the same time, by the browser's own clock.
let requests (tab: Tab) =
    tab.Page.EvaluateAsync<int[]>
        """() => {
            const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/classify"));
            const running = ({ startTime }) =>
                asked.filter((other) => other.startTime <= startTime && startTime < other.responseEnd).length;
            return [asked.length, Math.max(0, ...asked.map(running))];
        }"""

/// What crosses the wire for a page, its own document included.
let transferred (tab: Tab) =
    tab.Page.EvaluateAsync<int>
        """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
            .reduce((sum, { transferSize }) => sum + transferSize, 0)"""

/// What reaches over the right edge of the page, and by how much.
let private over =
    """() => {
        const edge = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= edge) return [];
        const found = [...document.body.querySelectorAll("*")]
            .filter((element) => element.getBoundingClientRect().right > edge)
            .map((element) => element.outerHTML.slice(0, 120));
        return [document.documentElement.scrollWidth - edge + " px", ...found];
    }"""

let inside (page: IPage) : Task =
    task {
        let! found = page.EvaluateAsync<string[]> over

        if found.Length > 0 then
            failtest $"over the side: {String.Join('\n', found)}"
    }

/// axe-core finds nothing; `where` is the state that the page is in.
let axe (tab: Tab) where =
    task {
        let! found = tab.Page.RunAxe()

        let violations =
            [
                for rule in found.Violations do
                    for node in rule.Nodes do
                        $"{where}: {rule.Id}: {rule.Help}: {node.Html}"
            ]

        if not violations.IsEmpty then
            failtest (String.Join('\n', violations))
    }

/// How many processes want each processor: above 1 a page waits for others, and not for itself.
let load () =
    let text = File.ReadAllText "/proc/loadavg"

    max
        1.0
        (Double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture)
         / float Environment.ProcessorCount)
