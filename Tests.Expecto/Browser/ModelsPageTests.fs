/// The pages with several models, which the user can choose and compare.
module Tests.Expecto.Browser.ModelsPageTests

open System
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright
open Tests.Expecto

let private dog = photograph "dog.jpg"

/// A page of a web node whose one worker has two models.
let private withTwo (name: string) (looks: Options list) (run: Tab -> Task) =
    testCaseTask name (fun () ->
        task {
            use! web = Nodes.service [ "--model"; "squeezenet1_1,mobilenetv2"; "--offline" ] []

            do!
                web.Node.UntilAsync(
                    "told of both models",
                    TimeSpan.FromSeconds 60.0,
                    fun () ->
                        task {
                            let! _, models = web.Get "/api/models"

                            return
                                models.GetProperty("models").EnumerateArray()
                                |> Seq.filter (fun model -> model.GetProperty("workers").GetInt32() = 1)
                                |> Seq.length
                                    =
                                    2
                        }
                )

            for look in looks do
                do! visit web.Port look run
        })

/// Chooses a model in one of the options' lists.
let private choose (tab: Tab) (id: string) (value: string) =
    task {
        do! openOptions tab
        do! select tab id value
    }

let private chosen =
    withTwo "a model is chosen, asked and named, and remembered in this browser" [ desktop ] (fun tab ->
        task {
            do! tab.Goto "/"
            do! Assertions.Expect(tab.Page.Locator "#model").ToHaveValueAsync "squeezenet1_1"
            do! shows (tab.Page.Locator "footer") "MobileNetV2"
            do! choose tab "model" "mobilenetv2"
            do! give tab dog
            do! shows (only(tab).Locator ".model") "MobileNetV2"
            do! shows (only(tab).Locator ".model") ", version 1"
            do! shows (only(tab).Locator ".code code") "model=mobilenetv2"
            do! axe tab "with a choice of model"
            do! tab.Goto "/"
            do! Assertions.Expect(tab.Page.Locator "#model").ToHaveValueAsync "mobilenetv2"
            // The answer is still there. The choice of a model has moved into the bar.
            do! shows (only(tab).Locator ".model") "MobileNetV2"
            do! choose tab "model" "squeezenet1_1"
            // As a menu does.
            do! tab.Page.Keyboard.PressAsync "Escape"
            do! count (tab.Page.Locator ".options[open]") 0
            do! give tab dog
            do! shows (tab.Page.Locator(".card").First.Locator ".model") "SqueezeNet 1.1"
            clean tab
        })

let private compared =
    withTwo "two models answer the same picture side by side, one below the other on a phone" [ desktop; phone ]
    <| fun tab ->
        task {
            let isPhone = (Unchecked.nonNull tab.Page.ViewportSize).Width < 500
            do! tab.Goto "/"
            do! choose tab "compare" "mobilenetv2"
            do! give tab dog
            let left = tab.Page.Locator ".card.left"
            let right = tab.Page.Locator ".card.right"
            do! fiveRows left ""
            do! fiveRows right ""
            do! shows (left.Locator ".by") "SqueezeNet 1.1"
            do! shows (right.Locator ".by") "MobileNetV2"
            do! shows (tab.Page.Locator "#counted") "2 of 2 recognised"
            do! inside tab.Page
            do! axe tab "comparing"
            let! first = bounds left
            let! second = bounds right

            if isPhone then
                Expect.isGreaterThan second.Y (first.Y + first.Height - 1f) "below"
            else
                Expect.isLessThan (abs (first.Y - second.Y)) 1f "in one row"
                Expect.isGreaterThan second.X (first.X + first.Width - 1f) "to the right"

            do! tab.Screenshot(if isPhone then "compare-phone" else "compare-desktop")
            do! left.Locator(".remove").ClickAsync()
            do! count (tab.Page.Locator ".card") 0
            clean tab
        }

let private oneFails =
    withTwo "one side's error leaves the other's answer" [ desktop ] (fun tab ->
        task {
            do!
                tab.Answer(
                    "**/api/classify*model=mobilenetv2",
                    404,
                    "application/problem+json",
                    """{"title":"No such model","detail":"No worker serves the model 'mobilenetv2'."}"""
                )

            do! tab.Goto "/"
            do! choose tab "compare" "mobilenetv2"
            do! give tab dog
            do! fiveRows (tab.Page.Locator ".card.left") ""
            do! shows (tab.Page.Locator ".card.right .failure strong") "No such model"
            do! visible (tab.Page.Locator ".card.right .again")
            do! axe tab "with one side failed"
        })

let private withoutScript =
    withTwo "without JavaScript the forms have the choice, too" [ { desktop with Script = false } ] (fun tab ->
        task {
            do! tab.Goto "/"
            do! choose tab "model" "mobilenetv2"
            do! give tab dog
            do! tab.Page.ClickAsync ".send"
            do! shows (tab.Page.Locator "#result .model") "MobileNetV2"
            do! Assertions.Expect(tab.Page.Locator "#model").ToHaveValueAsync "mobilenetv2"
            do! select tab "samples-model" "squeezenet1_1"
            do! tab.Page.ClickAsync "button[value='daisy.png']"
            do! shows (tab.Page.Locator "#result .model") "SqueezeNet 1.1"
            clean tab
        })

let private listed =
    withTwo "the workers' page lists the models of each worker" [ desktop ] (fun tab ->
        task {
            do! tab.Goto "/workers"
            let rows = tab.Page.Locator "#models tbody tr"
            do! count rows 2
            do! shows rows.First "mobilenetv2"
            do! shows rows.First "ready"
            do! shows (rows.Nth 1) "default"

            do! shows (tab.Page.Locator("tr[data-worker]").First.Locator ".models") "mobilenetv2@1, squeezenet1_1@1"

            do! axe tab "the models"
            do! inside tab.Page
            clean tab
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Models on the pages" [ chosen; compared; oneFails; withoutScript; listed ]
