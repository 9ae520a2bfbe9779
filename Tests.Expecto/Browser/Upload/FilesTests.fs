/// Files that are not small JPEGs: each is recognised, or its card says what to do.
module Tests.Expecto.Browser.FilesTests

open System
open System.IO
open System.Text
open Expecto

/// The head of an ISO media file of this brand; what a telephone's HEIC begins with.
let private media (brand: string) =
    Array.concat
        [
            [| 0uy; 0uy; 0uy; 24uy |]
            Encoding.ASCII.GetBytes $"ftyp{brand}"
            Array.zeroCreate 4096
        ]

/// The picture as an icon of 256 pixels, which holds a PNG.
let private icon (picture: string) =
    use image =
        NetVips.Image.Thumbnail(picture, 256, height = 256, size = NetVips.Enums.Size.Force)

    let png = image.PngsaveBuffer()
    use memory = new MemoryStream()
    use writer = new BinaryWriter(memory)
    // Reserved, an icon, one image.
    for value in [ 0s; 1s; 1s ] do
        writer.Write value

    // 256 is written as 0: width, height; then no palette, reserved.
    writer.Write 0
    // Planes, bits.
    writer.Write 1s
    writer.Write 32s
    writer.Write png.Length
    writer.Write 22
    writer.Write png
    memory.ToArray()

let private refused (name, look) =
    ofItsOwn $"what can't be recognised says what to do instead ({name})" look [ "--Upload:MaxBytes=150000" ]
    <| fun tab _ ->
        task {
            let daisy = File.ReadAllBytes(sample "daisy")
            do! tab.Goto "/"

            do!
                giveAll
                    tab
                    [
                        fileOf "nothing.jpg" [||]
                        fileOf "cut-short.png" daisy[..3000]
                        fileOf "notes.txt" "no picture at all"B
                        fileOf "from-a-phone.heic" (media "heic")
                        fileOf "scan.pdf" "%PDF-1.7 and so on"B
                        fileOf "film.mp4" (Array.zeroCreate 200_000)
                    ]

            do! failingForGood tab "nothing.jpg" "Empty file" "Choose another one"
            do! failingForGood tab "cut-short.png" "The picture is damaged" "cut short"
            do! failingForGood tab "notes.txt" "Plain text isn't supported" "Choose a picture"
            do! failingForGood tab "from-a-phone.heic" "HEIC isn't supported by this browser" "Save it as JPEG"
            do! failingForGood tab "scan.pdf" "PDF isn't supported" "Export the page as PNG"

            do!
                failingForGood
                    tab
                    "film.mp4"
                    "too large"
                    "The limit is 150,000 bytes, and this browser can't open the file"

            do! shows (tab.Page.Locator "#counted") "0 of 6 recognised, 6 failed"
            do! hidden (tab.Page.Locator "#results .retry")
            do! inside tab.Page
            do! tab.Screenshot $"errors-{name}"
        }

let private limited =
    ofItsOwn
        "a picture over the server's limit is sent as a smaller copy, with a note; one that would have to be tiny is not"
        desktop
        [ "--Upload:MaxBytes=50000" ]
    <| fun tab _ ->
        task {
            do! tab.Goto "/"
            do! shows (tab.Page.Locator "#limit") "50,000 bytes"
            do! giveAll tab [ sample "daisy"; sample "honeycomb" ]
            let daisy = card tab "daisy.png"
            do! fiveRows daisy "daisy"
            do! shows (daisy.Locator ".note") "Over the limit: sent as a smaller copy, 118 kB to"
            do! failingForGood tab "honeycomb.png" "too large" "the smaller copy exceeds it"
            do! tab.Screenshot "over-the-limit"
            clean tab
        }

let private foreign =
    home "a format that only the browser supports is sent as a JPEG" desktop (fun tab ->
        task {
            do! give tab (fileOf "hourglass.ico" (icon (sample "hourglass")))
            do! fiveRows (only tab) "hourglass"
            do! shows (only(tab).Locator ".note") "Sent as a JPEG of"
            do! only(tab).Locator(".details > summary").ClickAsync()
            do! hidden (only(tab).Locator ".code")
            do! tab.Screenshot "sent-as-jpeg"
        })

let private changed =
    case "a file that was changed after it was chosen is reported as such, not as a lost connection" phone (fun tab ->
        task {
            let daisy = File.ReadAllBytes(sample "daisy")
            let path = fileOf "edited.png" daisy
            do! tab.Goto "/"
            do! tab.Upload 2_000
            do! give tab path
            do! only(tab).Locator(".cancel").ClickAsync()
            do! shows (only(tab).Locator ".failure") "Cancelled"
            do! tab.Upload -1
            File.WriteAllBytes(path, daisy[..2000])
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes 1.0)
            do! only(tab).Locator(".again").ClickAsync()
            do! failingForGood tab "edited.png" "can't be read" "Choose it again"
            do! tab.Screenshot "file-changed"
        })

let private fromSample =
    home "the command of a sample runs in any folder" desktop (fun tab ->
        task {
            do! tab.Page.ClickAsync "#samples button[value^='lighthouse']"
            do! fiveRows (only tab) "beacon"
            let! line = details (only tab)
            let! said = shell $"cd / && {line}"
            Expect.equal (firstLabel said) "beacon" line
        })

let tests =
    testSequencedGroup "browser"
    <| testList
        "Files"
        [
            yield!
                [ "phone", phone; "desktop-dark", { desktop with Dark = true } ]
                |> List.map refused
            limited
            foreign
            changed
            fromSample
        ]
