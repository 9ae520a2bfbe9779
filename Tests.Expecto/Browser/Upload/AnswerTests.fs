/// An answer on its card: the sentence, the map, the details, the code, and the user's verdict.
module Tests.Expecto.Browser.AnswerTests

open System.IO
open System.IO.Compression
open System.Threading.Tasks
open Expecto
open Microsoft.Playwright

let private dog = photograph "dog.jpg"

/// A picture of these proportions, made of a photograph.
let private shaped name (width: int) (height: int) =
    use image =
        NetVips.Image.Thumbnail(dog, width, height = height, crop = NetVips.Enums.Interesting.Centre)

    fileOf name (image.JpegsaveBuffer())

let private viewport (name, options) =
    home $"picture, sentence and bars are seen at once, whatever the picture's shape ({name})" options (fun tab ->
        task {
            for shape, width, height in [ "wide", 1600, 900; "tall", 900, 1600; "square", 900, 900 ] do
                do! tab.Run "sessionStorage.clear()"
                do! tab.Goto "/"
                do! give tab (shaped $"{shape}.jpg" width height)
                do! fiveRows (only tab) ""
                // The page has moved to the answer.
                do! Task.Delay 500
                let! picture = bounds (only(tab).Locator ".picture")
                let! last = bounds (only(tab).Locator("tbody tr").Last)
                Expect.isGreaterThanOrEqual picture.Y 0f $"{shape}: the picture's top"
                Expect.isLessThanOrEqual (last.Y + last.Height) (float32 options.Height) $"{shape}: the last bar"

                Expect.isLessThan
                    (abs (picture.Width / picture.Height - float32 width / float32 height))
                    0.02f
                    $"{shape}: its own ratio"

                do! inside tab.Page
                do! axe tab $"{shape}, answered"
                do! tab.Screenshot $"answer-{shape}-{name}"
        })

let private calm =
    case "with reduced motion no map shows by itself; the whole row is its target" { phone with Dark = true }
    <| fun tab ->
        task {
            do! tab.Page.EmulateMediaAsync(PageEmulateMediaOptions(ReducedMotion = ReducedMotion.Reduce))
            do! tab.Goto "/"
            do! give tab dog
            do! fiveRows (only tab) "Samoyed"
            do! count (only(tab).Locator ".heat") 0
            // On the bar, and not on the name.
            do! only(tab).Locator("tbody tr").Nth(1).Locator(".share").TapAsync(LocatorTapOptions(Force = true))
            do! visible (only(tab).Locator ".heat")
            do! shows (only(tab).Locator ".legend b") "Great Pyrenees"
            clean tab
        }

let private map =
    home "the map is downloaded as a picture, in the picture's own proportions" desktop (fun tab ->
        task {
            do! give tab dog
            do! fiveRows (only tab) "Samoyed"
            do! only(tab).Locator(".details > summary").ClickAsync()
            let! path = saved tab ".card .map"
            Expect.stringContains path "dog, Samoyed 9" "the name says what it shows"
            use image = NetVips.Image.NewFromFile path
            use original = NetVips.Image.NewFromFile dog

            Expect.isLessThan
                (abs (
                    float image.Width / float image.Height
                    - float original.Width / float original.Height
                ))
                0.01
                "proportions"

        })

/// Playwright's own Node runs what the page says to run.
let private node (script: string) =
    task {
        let path = fileOf "snippet.mjs" (System.Text.Encoding.UTF8.GetBytes script)

        let runtime =
            Path.Combine(System.AppContext.BaseDirectory, ".playwright", "node", "linux-x64", "node")

        return! shell $"'{runtime}' '{path}' 2>&1"
    }

let private code =
    home "the card's code gives the same answer: curl's in a shell, JavaScript in Node; Python's is a program" desktop
    <| fun tab ->
        task {
            do! give tab (sample "jellyfish")
            do! fiveRows (only tab) "jellyfish"
            let! line = details (only tab)
            let! said = shell $"{line} --silent --max-time 60"
            Expect.equal (firstLabel said) "jellyfish" line
            Expect.stringContains said "\"maps\"" "with the maps"
            do! tab.Screenshot "command"
            do! only(tab).Locator("[data-language=javascript]").ClickAsync()
            let! script = only(tab).Locator(".code code").InnerTextAsync()
            let! said = node script
            Expect.stringContains said "% jellyfish" script
            do! only(tab).Locator("[data-language=python]").ClickAsync()
            do! shows (only(tab).Locator ".code code") "urllib.request.urlopen(request)"
            do! tab.Screenshot "code"
        }

let private verdict =
    home "verdicts are kept, and exported as a table and as folders of pictures" desktop (fun tab ->
        task {
            do! giveAll tab [ sample "daisy"; sample "lighthouse" ]
            do! answered tab 2

            do! (card tab "daisy.png").Locator(".yes").ClickAsync()
            do! shows ((card tab "daisy.png").Locator ".judged") "Marked as right"
            do! (card tab "lighthouse.png").Locator(".no").ClickAsync()
            do! (card tab "lighthouse.png").Locator(".choose-class").ClickAsync()
            do! tab.Page.FillAsync("#classes input", "orca")
            do! shows (tab.Page.Locator "#classes li").First "killer whale · orca"
            do! tab.Page.FillAsync("#classes input", "light")
            do! axe tab "picking a class"
            do! tab.Screenshot "pick-class"
            do! tab.Page.Locator("#classes .class").Filter(LocatorFilterOptions(HasText = "spotlight")).ClickAsync()
            do! shows ((card tab "lighthouse.png").Locator ".judged") "Right class: spotlight"
            // A group of classes is no folder of a training set.
            do! give tab (photograph "labelled/n01667114_mud_turtle.JPEG")
            do! shows ((card tab "mud_turtle").Locator ".best .head") "A turtle"
            do! (card tab "mud_turtle").Locator(".yes").ClickAsync()
            do! shows ((card tab "mud_turtle").Locator ".judged") "Marked as right"
            do! select tab "filter" "wrong"
            do! count (tab.Page.Locator ".card:visible") 1
            do! tab.Page.ClickAsync "#history > summary"
            do! shows (tab.Page.Locator "#history ol") "Right class: spotlight"
            let! csv = saved tab "#history .csv"
            let lines = File.ReadAllLines csv
            Expect.stringEnds lines[0] ",verdict,right_class" "the head"
            Expect.exists lines (fun line -> line.StartsWith "daisy.png," && line.EndsWith ",yes,daisy") "the daisy"
            Expect.exists lines (fun line -> line.EndsWith ",no,spotlight") "the lighthouse"
            Expect.exists lines (fun line -> line.EndsWith ",yes,") "the turtle"
            let! archive = saved tab "#history .training"
            use zip = ZipFile.OpenRead archive
            let names = [ for entry in zip.Entries -> entry.FullName ] |> List.sort
            Expect.equal names [ "train/daisy/daisy.png"; "train/spotlight/lighthouse.png" ] "a folder for each class"

            use stream =
                (zip.Entries |> Seq.find (fun entry -> entry.Name = "daisy.png")).Open()

            use bytes = new MemoryStream()
            stream.CopyTo bytes
            Expect.equal (bytes.ToArray()) (File.ReadAllBytes(sample "daisy")) "the file itself"
        })

/// A worker's picture that no class fits.
let private grey () =
    use image = NetVips.Image.Black(300, 300).NewFromImage([| 128.0; 128.0; 128.0 |])
    fileOf "grey.png" (image.PngsaveBuffer())

let private honest =
    home "plain grey is not recognised, and its map does not glow" desktop (fun tab ->
        task {
            do! give tab (grey ())
            do! Assertions.Expect(only tab).ToHaveAttributeAsync("data-state", "answered")
            do! shows (only(tab).Locator ".best") "I don't recognise this"
            do! hidden (only(tab).Locator ".yes")
            do! only(tab).Locator(".see").First.HoverAsync()

            let! brightest =
                only(tab).Locator(".heat").EvaluateAsync<float>
                    "canvas => Math.max(...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((_, at) => at % 4 === 1))"

            // The green of the ramp's upper half is above 76.
            Expect.isLessThan brightest 76.0 "dark"
            do! tab.Screenshot "not-recognised"
        })

let tests =
    testSequencedGroup "browser"
    <| testList "Answers" [ yield! List.map viewport sizes; calm; map; code; verdict; honest ]
