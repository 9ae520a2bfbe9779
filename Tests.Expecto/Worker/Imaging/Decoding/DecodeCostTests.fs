/// What decoding may cost: estimated from the container, before a decoder runs.
module internal Tests.Expecto.Worker.DecodeCostTests

open System
open Scenarios.Pictures
open Expecto
open NetVips
open Worker.Imaging
open Worker.Imaging.Containers

let private estimate format file =
    let info = Containers.info format file
    DecodeCost.Estimate(&info, 1)

let private width, height = 200, 120
let private pixels = int64 (width * height)

/// By the kind of file: its format, and its encoder.
let private encoders: Map<string, ImageFormat * (Image -> byte[])> =
    let off, on =
        Nullable Enums.ForeignSubsample.Off, Nullable Enums.ForeignSubsample.On

    let yes = Nullable true

    Map
        [
            "JPEG", (ImageFormat.Jpeg, _.JpegsaveBuffer(subsampleMode = on))
            "JPEG, progressive", (ImageFormat.Jpeg, _.JpegsaveBuffer(interlace = yes, subsampleMode = on))
            "JPEG, progressive, 4:4:4", (ImageFormat.Jpeg, _.JpegsaveBuffer(interlace = yes, subsampleMode = off))
            "PNG", (ImageFormat.Png, _.PngsaveBuffer())
            "PNG, interlaced", (ImageFormat.Png, _.PngsaveBuffer(interlace = yes))
            "WebP", (ImageFormat.WebP, _.WebpsaveBuffer())
            "WebP, lossless", (ImageFormat.WebP, _.WebpsaveBuffer(lossless = yes))
            "GIF", (ImageFormat.Gif, _.GifsaveBuffer())
        ]

/// A file of each kind, and the bytes a pixel that the decoder holds at least, and at most with what it does beside.
let private samples =
    lazy
        (use image = Pictures.scene width height
         use deep = image.Colourspace(Enums.Interpretation.Rgb16)

         [
             for kind, image, least, most in
                 [
                     "JPEG", image, 3.0, 3.0
                     "JPEG, progressive", image, 3.0 + 3.0, 3.0 + 3.5
                     "JPEG, progressive, 4:4:4", image, 3.0 + 6.0, 3.0 + 6.5
                     "PNG", image, 3.0, 3.0
                     "PNG, interlaced", image, 3.0, 3.0
                     "PNG, interlaced", deep, 6.0, 6.0
                     "WebP", image, 13.0, 13.0
                     "WebP, lossless", image, 20.0, 20.0
                     "GIF", image, 5.0, 5.0
                 ] do
                 let format, encode = encoders[kind]
                 $"{kind}, {image.Format}", format, encode image, least, most
         ])

let private limits held time =
    ImagingLimits(200_000_000L, 65_535, MaxHeld = held, MaxTime = time)

let private check (info: ImageInfo) (cost: DecodeCost) limits =
    CheckDecodeCost.Check(&info, &cost, limits)

/// A blank file of this kind, in its full size.
let private blank kind width height =
    use black = Image.Black(width, height, bands = Nullable 3)
    use image = black.Copy(interpretation = Nullable Enums.Interpretation.Srgb)
    snd encoders[kind] image

let tests =
    testList
        "DecodeCost"
        [
            test "the estimated bytes are those that the decoder holds, by format, sampling and bits" {
                for name, format, file, least, most in samples.Force() do
                    let bytes =
                        (estimate format file).Bytes - (Containers.info format file).CompressedBytes

                    Expect.isGreaterThanOrEqual bytes (int64 (least * float pixels)) $"{name}, at least"
                    Expect.isLessThanOrEqual bytes (int64 (most * float pixels)) $"{name}, at most"
            }

            test "each format is decoded just below the memory limit and refused just above it" {
                for name, format, file, _, _ in samples.Force() do
                    let bytes = (estimate format file).Bytes
                    let time = TimeSpan.FromSeconds 4.0
                    // The pictures are too small to be decoded at a reduced size.
                    Expect.isNone (Pictures.refusalOf (limits bytes time) file) $"{name}, just under"

                    Pictures.isRefused
                        (limits (bytes - 1L) time)
                        RefusalReason.TooLarge
                        "of memory; the limit is"
                        file
                        $"{name}, just over"
            }

            test "each format is decoded just below the time limit and refused just above it" {
                for name, format, file, _, _ in samples.Force() do
                    let time = (estimate format file).Time
                    let info = Containers.info format file

                    let cost = DecodeCost(1L, time)
                    let check time = check info cost (limits 1000L time)
                    Expect.isNull (check time) $"{name}, just under"

                    match check (time - TimeSpan.FromTicks 1L) with
                    | null -> failtest $"{name}, just over: not refused"
                    | refusal ->
                        Expect.equal refusal.Reason RefusalReason.TooCostly name
                        Expect.stringContains refusal.Detail "of processor time; the limit is" name
            }

            test "the estimated time grows with scans, blocks and bytes" {
                let time writer = (estimate ImageFormat.Jpeg writer).Time

                let three = [| struct (1, 1); struct (1, 1); struct (1, 1) |]
                let few = JpegWriter(1024, 1024, three)
                let once = time (few.FewScans())
                Expect.isGreaterThan (time (few.Progressive 0)) (once * 5.0) "192 scans"

                Expect.isGreaterThan
                    (time (JpegWriter(2048, 2048, three).FewScans()))
                    (once * 3.9)
                    "four times the blocks"

                let arithmetic = JpegWriter(1024, 1024, three, Frame = 0xCAuy).FewScans()

                Expect.isGreaterThan (time arithmetic) (once * 1.9) "arithmetic coding"
            }

            test "lossless WebP images with many possible prefix codes are decoded one at a time" {
                let cost bytes =
                    let info =
                        ImageInfo(ImageFormat.WebP, 1024, 1024, Bands = 3, IsLossless = true, LosslessBytes = bytes)

                    DecodeCost.Estimate(&info, 1)

                // 65,536 groups take 364 MiB, measured with libvips 8.18.
                let many = cost 300_000L
                Expect.isTrue many.IsLarge "300 KB"
                Expect.isGreaterThan many.HiddenBytes (340L <<< 20) "its groups"
                Expect.isFalse (cost 5000L).IsLarge "5 KB"
            }

            for kind, width, height in
                [
                    "JPEG", 12_000, 9_000
                    "JPEG, progressive", 6_000, 4_000
                    "JPEG, progressive", 8_064, 6_048
                    "JPEG, progressive, 4:4:4", 4_000, 3_000
                    "WebP", 6_000, 4_000
                    "GIF", 4_400, 3_200
                    "PNG", 6_000, 4_000
                ] do
                test $"a common picture is decoded: {kind} of {width} x {height}" {
                    Expect.isNone (Pictures.refusalOf ImagingLimits.Standard (blank kind width height)) kind
                }

            test "a picture one pixel wide or high may be as long as the limit" {
                for format in [ "JPEG"; "PNG"; "GIF" ] do
                    for width, height in [ 1, 65_000; 65_000, 1 ] do
                        Expect.isNone
                            (Pictures.refusalOf ImagingLimits.Standard (blank format width height))
                            $"{format} {width} x {height}"
            }
        ]
