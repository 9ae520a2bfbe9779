/// The worker's answers against the second opinion.
module internal Tests.Expecto.Worker.SecondOpinionTests

open System.IO
open Expecto
open SixLabors.ImageSharp.Formats.Jpeg
open Tests.Expecto

let private labels =
    lazy (File.ReadAllLines(Path.Combine(Repository.modelMirror, "squeezenet1_1", "imagenet_classes.txt")))

/// The probability of a label; two classes may have the same label.
let private ofLabel (probabilities: float[]) near label =
    Seq.zip labels.Value probabilities
    |> Seq.filter (fun (other, _) -> other = label)
    |> Seq.map snd
    |> Seq.minBy (fun probability -> abs (probability - near))

let private first (probabilities: float[]) =
    let most = Array.max probabilities
    labels.Value[Array.findIndex ((=) most) probabilities], most

/// The largest difference between the probabilities of the worker's five classes and the second opinion's.
let private difference (probabilities: float[]) (file: byte[]) =
    ReferenceTests.classify file
    |> Array.map (fun one -> abs (one.Probability - ofLabel probabilities one.Probability one.Label))
    |> Array.max

let private kinds =
    test "every kind of picture decodes as ImageSharp decodes it" {
        let kinds = Kinds.all ()

        for kind, pixels in List.zip kinds (Kinds.opinions kinds) do
            let probabilities = SecondOpinion.classify pixels
            let ours = Array.head (ReferenceTests.classify kind.File)
            let name = $"{kind.Name}, by {kind.By}"
            Expect.equal ours.Label (fst (first probabilities)) name
            Expect.isLessThan (difference probabilities kind.File) 0.01 name
    }

/// Where a JPEG's colours are reduced, ImageSharp repeats what libjpeg and browsers interpolate.
let private hasReducedColours (made: MadePictures.Made) =
    match made.Colours with
    | Some(JpegColorType.YCbCrRatio420 | JpegColorType.YCbCrRatio422 | JpegColorType.YCbCrRatio411) -> true
    | _ -> false

/// The worker decodes a large JPEG at a reduced size.
let private allowed (made: MadePictures.Made) =
    if made.Colours.IsSome && made.Shorter >= 512 then
        0.02
    else
        0.01

let private many =
    test "300 pictures made from photographs decode as ImageSharp decodes them" {
        let reduced, whole =
            [| 0..299 |]
            |> Array.Parallel.map MadePictures.make
            |> Array.partition hasReducedColours

        let check (made: MadePictures.Made, pixels) =
            let probabilities = SecondOpinion.classify pixels
            let ours = (Array.head (ReferenceTests.classify made.File)).Label
            let sorted = Array.sortDescending probabilities
            let agrees = ours = fst (first probabilities) || sorted[0] - sorted[1] < 0.05
            made, difference probabilities made.File, agrees

        let results =
            Array.append
                (whole
                 |> Array.Parallel.map (fun made -> check (made, SecondOpinion.imageSharp made.File)))
                (reduced
                 |> Array.map _.File
                 |> List.ofArray
                 |> SecondOpinion.chromium
                 |> Array.ofList
                 |> Array.zip reduced
                 |> Array.Parallel.map check)

        for made, difference, agrees in results do
            Expect.isTrue agrees made.Name
            Expect.isLessThan difference (allowed made) made.Name
    }

let tests = testList "SecondOpinion" [ kinds; many ]
