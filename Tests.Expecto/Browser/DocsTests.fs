/// `/docs` as a person uses it: shows the operations, and tries one.
module Tests.Expecto.Browser.DocsTests

open System.IO
open Expecto
open Microsoft.Playwright
open Tests.Expecto
open Tests.Expecto.EndToEnd
open Tests.Expecto.Browser.Browser
open Tests.Expecto.Browser.Pages

let private tries =
    testCaseTask "the document is shown, and 'Execute' classifies a picture, without a foreign request"
    <| fun () ->
        task {
            let port = Nodes.freePort ()
            use! _ = Nodes.worker port []
            use! web = Nodes.web [ port ] []

            do!
                visit web.Port desktop (fun tab ->
                    task {
                        let shows (locator: ILocator) (text: string) =
                            Assertions.Expect(locator).ToContainTextAsync text

                        do! tab.Goto "/docs"
                        let page = tab.Page
                        do! shows (page.Locator ".info") "Recognition"
                        do! Assertions.Expect(page.Locator ".opblock").Not.ToHaveCountAsync 0
                        do! tab.Screenshot "docs"

                        let classify = page.Locator "#operations-pictures-classify"
                        do! classify.Locator("button.opblock-summary-control").ClickAsync()

                        let! _ =
                            classify.Locator(".opblock-section-request-body select.content-type").SelectOptionAsync
                                "image/png"

                        do!
                            classify
                                .Locator("input[type=file]")
                                .SetInputFilesAsync(Path.Combine(Repository.root, "samples", "daisy.png"))

                        do! classify.Locator("button.execute").ClickAsync()
                        let said = classify.Locator ".live-responses-table .response"
                        do! shows (said.Locator ".response-col_status") "200"
                        do! shows said "daisy"
                        do! tab.Screenshot "docs-tried"
                        Expect.equal tab.Complaints [||] "no console errors, and no request to any other host"
                    })
        }

/// How Swagger UI nests its elements is its own affair; names, colours and all else are looked at.
let private structure = [ "heading-order"; "nested-interactive"; "region" ]

let private accessible (name, dark) =
    case $"axe-core finds nothing to complain about ({name})" { desktop with Dark = dark }
    <| fun tab ->
        task {
            do! tab.Goto "/docs/"
            do! Assertions.Expect(tab.Page.Locator ".opblock").Not.ToHaveCountAsync 0
            do! tab.Screenshot $"docs-{name}"
            do! axeBut structure tab "the document"
        }

let tests =
    testSequenced
    <| testList "Docs" [ tries; yield! List.map accessible [ "light", false; "dark", true ] ]
