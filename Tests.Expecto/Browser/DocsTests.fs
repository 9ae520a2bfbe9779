/// The API's reference at `/docs`: its operations, and their commands copied and run.
module Tests.Expecto.Browser.DocsTests

open Expecto
open Microsoft.Playwright

let private command (tab: Tab) (operation: string) =
    tab.Page.Locator($".call:has(#{operation}) .command")

let private copies =
    home "a command is copied, and runs as it stands" desktop (fun tab ->
        task {
            do! tab.Page.ClickAsync "nav a:has-text('API')"
            do! visible (tab.Page.Locator ".call").First
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
        })

let private complete =
    case "every operation of the document is on the page, with its responses and types" desktop (fun tab ->
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
        })

let private accessible (name, options) =
    case $"axe-core finds no violation, and nothing is wider than the page ({name})" options (fun tab ->
        task {
            do! tab.Goto "/docs"
            do! tab.Page.WaitForLoadStateAsync LoadState.NetworkIdle
            let! bytes = transferred tab
            printfn $"/docs: {bytes} bytes on the wire"
            Expect.isGreaterThan bytes 5_000 "they were counted"
            Expect.isLessThan bytes 300_000 "bytes"
            do! axe tab "the reference"
            do! inside tab.Page
            do! (tab.Page.Locator ".reply summary").First.ClickAsync()
            do! axe tab "a response"
            do! inside tab.Page
            do! tab.Screenshot $"docs-{name}"
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Docs" [ copies; complete; yield! List.map accessible looks ]
