/// `/docs` as a person uses it: reads an operation, copies its command, and runs it.
module Tests.Expecto.Browser.DocsTests

open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private command (tab: Tab) (operation: string) =
    tab.Page.Locator($".call:has(#{operation}) .command")

let private copies =
    case "a command is copied, and runs as it stands" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/docs"
            do! Assertions.Expect(tab.Page.Locator ".call").Not.ToHaveCountAsync 0
            do! (command tab "classify").Locator("button").ClickAsync()
            do! shows (tab.Page.Locator "#live-region") "Copied"
            let! line = tab.Page.EvaluateAsync<string> "navigator.clipboard.readText()"
            do! tab.Screenshot "docs"

            let! answer =
                shell (line.Replace("picture.jpg", "daisy.png") + " --silent --max-time 60")

            Expect.stringContains answer "daisy" line
            let! models = (command tab "models").Locator("code").InnerTextAsync()
            let! answer = shell (models + " --silent --max-time 60")
            Expect.stringContains answer "squeezenet" models
            clean tab
        }

let private complete =
    case "every operation of the document is on the page, with its responses and types" desktop
    <| fun tab ->
        task {
            do! tab.Goto "/docs"

            let! missing =
                tab.Page.EvaluateAsync<string[]>
                    """async () => {
                        const { paths, components } = await (await fetch("/openapi/v1.json")).json();
                        const wanted = Object.values(paths).flatMap((path) => Object.values(path));
                        return [
                            ...wanted.flatMap(({ operationId, responses }) => {
                                const call = document.getElementById(operationId)?.closest(".call");
                                return call
                                    ? Object.keys(responses).filter((status) => !call.textContent.includes(status)).map((status) => operationId + ": " + status)
                                    : [operationId];
                            }),
                            ...Object.keys(components.schemas).filter((name) => !document.getElementById("schema-" + name)),
                            ...[...document.querySelectorAll("main a[href^='#']")].map(({ hash }) => hash)
                                .filter((hash) => !document.getElementById(decodeURIComponent(hash.slice(1)))),
                        ];
                    }"""

            Expect.equal (List.ofArray missing) [] "operations, responses, types and links"
            clean tab
        }

/// What crosses the wire for a page, its own document included.
let private weight =
    """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .reduce((sum, { transferSize }) => sum + transferSize, 0)"""

let private accessible (name, options) =
    case $"axe-core finds nothing to complain about, and nothing is over the side ({name})" options
    <| fun tab ->
        task {
            do! tab.Goto "/docs"
            do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
            let! bytes = tab.Page.EvaluateAsync<int> weight
            printfn $"/docs: {bytes} bytes on the wire"
            Expect.isGreaterThan bytes 5_000 "they were counted"
            Expect.isLessThan bytes 300_000 "bytes"
            do! axe tab "the reference"
            do! inside tab.Page
            do! (tab.Page.Locator ".reply summary").First.ClickAsync()
            do! axe tab "a response"
            do! inside tab.Page
            do! tab.Screenshot $"docs-{name}"
        }

let tests =
    testSequencedGroup "browser"
    <| testList "Docs" [ copies; complete; yield! List.map accessible both ]
