/// Changed files of every format: no walk over a container fails or takes long. Ten seconds for each, or as many as
/// FUZZ_SECONDS has, and at least 3,000 files: `FUZZ_SECONDS=600 ./test --filter-test-list ContainerFuzz`.
module internal Tests.Expecto.Worker.ContainerFuzzTests

open System
open System.Diagnostics
open Expecto
open NetVips
open Worker.Imaging
open Worker.Imaging.Containers

let private seconds =
    match Environment.GetEnvironmentVariable "FUZZ_SECONDS" with
    | null
    | "" -> 10.0
    | text -> float text

let private small = lazy (Pictures.scene 40 30)

let private seeds =
    let save (writer: Image -> byte[]) = lazy (writer (small.Force()))

    [
        ImageFormat.Jpeg, save Pictures.jpeg
        ImageFormat.Jpeg, save (fun image -> image.JpegsaveBuffer(interlace = Nullable true))
        ImageFormat.Png, save Pictures.png
        ImageFormat.WebP, save (fun image -> image.WebpsaveBuffer())
        ImageFormat.WebP, lazy ((Pictures.film 40 30).WebpsaveBuffer(q = Nullable 70))
        ImageFormat.Gif, lazy ((Pictures.film 40 30).GifsaveBuffer())
        ImageFormat.Tiff, save (fun image -> image.TiffsaveBuffer())
        ImageFormat.Avif, save Pictures.avif
        for _, file in BitmapTests.kinds do
            ImageFormat.Bmp, lazy file
    ]

/// Bytes changed, inserted, removed or cut off, and numbers that are taken for lengths.
let private change (random: Random) (seed: byte[]) =
    let mutable file = Array.copy seed

    for _ in 0 .. random.Next 6 do
        if file.Length > 16 then
            let near =
                if random.Next 3 > 0 then
                    min 400 file.Length
                else
                    file.Length

            let at = random.Next(3, near)

            match random.Next 6 with
            | 0 -> file <- file[.. at - 1]
            | 1 -> file <- Array.removeAt at file
            | 2 -> file <- Array.insertManyAt at (Array.init (random.Next 40) (fun _ -> byte (random.Next 256))) file
            | 3 -> file[at] <- Array.item (random.Next 5) [| 0uy; 1uy; 0x7Fuy; 0x80uy; 0xFFuy |]
            | _ -> file[at] <- byte (random.Next 256)

    file

/// Everything in managed code that reads the file before, and instead of, libvips.
let private walk format (file: byte[]) =
    Vips.EnsureReady()

    let mutable found = Unchecked.defaultof<ImageFormat>

    // Only a file that begins like the format reaches its container.
    if isNull (FormatCheck.Check(ReadOnlySpan file, &found)) && found = format then
        match Containers.read format file with
        | Error _ -> ()
        | Ok(info, written) ->
            StoredOrientation.Read(ReadOnlySpan file, &info) |> ignore
            let mutable strict = false
            let mutable output = new NativeBuffer(written.Length)
            output.Write(ReadOnlySpan written)
            ImageRepair.Write(&info, 1_000_000L, &output, &strict) |> ignore
            output.Dispose()

            if format = ImageFormat.Bmp && info.Pixels < 100_000L then
                let mutable header = Unchecked.defaultof<BmpHeader>
                BmpHeader.Read(ReadOnlySpan file, &header) |> ignore

                BmpPixels.Decode(ReadOnlySpan file, &header, Span(Array.zeroCreate<byte>(int info.DecodedBytes)))
                |> ignore

let tests =
    testList
        "ContainerFuzz"
        [
            for number, (format, seed) in List.indexed seeds do
                test $"{format} {number}" {
                    let same = seeds |> List.filter (fst >> (=) format) |> List.length
                    let clock = Stopwatch.StartNew()
                    let mutable run = 0

                    while clock.Elapsed.TotalSeconds < seconds / float same || run < 3000 / same do
                        let file = change (Random(number * 1_000_000 + run)) (seed.Force())

                        let spent =
                            try
                                Containers.processorSeconds (fun () -> walk format file) |> fst
                            with error ->
                                failtest $"seed {number * 1_000_000 + run}: {error}"

                        Expect.isLessThan spent 0.5 $"seed {number * 1_000_000 + run}"
                        run <- run + 1

                    printfn $"%s{string format}: {run} files"
                }
        ]
