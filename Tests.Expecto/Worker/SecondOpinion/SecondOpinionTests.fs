/// The worker's answers against the second opinion. `./test --filter-test-list SecondOpinion` prints the table of kinds;
/// with BEFORE=/path/to/recognize, also what that program of another version answers.
module internal Tests.Expecto.Worker.SecondOpinionTests

open System
open System.IO
open Expecto
open SixLabors.ImageSharp.Formats.Jpeg
open Tests.Expecto
open Tests.Expecto.Worker

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
    ReferenceTests.named file
    |> Array.map (fun one -> abs (one.Probability - ofLabel probabilities one.Probability one.Label))
    |> Array.max

/// What the program in BEFORE, a `recognize` of another version, answers for each file.
let private before (kinds: Kinds.Kind list) =
    match Environment.GetEnvironmentVariable "BEFORE" with
    | null
    | "" -> fun _ -> ""
    | program ->
        let folder = Directory.CreateTempSubdirectory "second-opinion"

        try
            let path (kind: Kinds.Kind) =
                let number = kinds |> List.findIndex (fun other -> other.Name = kind.Name)
                Path.Combine(folder.FullName, $"{number}{kind.Extension}")

            for kind in kinds do
                File.WriteAllBytes(path kind, kind.File)

            let start =
                Diagnostics.ProcessStartInfo(
                    program,
                    [ "--plain"; "--top"; "1" ] @ List.map path kinds,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true
                )

            start.Environment["MODEL_MIRROR"] <- Repository.modelMirror
            use running = Unchecked.nonNull (Diagnostics.Process.Start start)
            let errors = running.StandardError.ReadToEndAsync()

            let answers =
                running.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                |> Array.map (fun line ->
                    let row = line.Split '\t'
                    Path.GetFileName row[0], $"{row[2]} %.3f{float row[1]}")
                |> Map.ofArray

            errors.GetAwaiter().GetResult() |> ignore

            fun kind ->
                answers
                |> Map.tryFind (Path.GetFileName(path kind))
                |> Option.defaultValue "refused"
        finally
            folder.Delete true

let private kinds =
    test "every kind of picture decodes as ImageSharp decodes it" {
        let kinds = Kinds.all ()
        let shown = Kinds.opinions kinds
        let before = before kinds
        printfn "| picture | second opinion | before | now | difference |\n|---|---|---|---|---|"

        for kind, pixels in List.zip kinds shown do
            let probabilities = SecondOpinion.classify pixels
            let label, probability = first probabilities
            let ours = Array.head (ReferenceTests.named kind.File)
            let difference = difference probabilities kind.File

            printfn
                $"| {kind.Name} | {kind.By}: {label} %.3f{probability} | {before kind} | {ours.Label} %.3f{ours.Probability} | %.4f{difference} |"

            Expect.equal ours.Label label kind.Name
            Expect.isLessThan difference 0.01 kind.Name
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
            let ours = (Array.head (ReferenceTests.named made.File)).Label
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

        for bound, some in results |> Array.groupBy (fun (made, _, _) -> allowed made) do
            let _, largest, _ = some |> Array.maxBy (fun (_, difference, _) -> difference)
            printfn $"{some.Length} pictures, %.2f{bound} allowed: the largest difference is %.4f{largest}"

        for made, difference, agrees in results do
            Expect.isTrue agrees made.Name
            Expect.isLessThan difference (allowed made) made.Name
    }

let tests = testList "SecondOpinion" [ kinds; many ]
