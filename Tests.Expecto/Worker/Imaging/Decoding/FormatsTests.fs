/// BMP, TIFF and AVIF: what libvips or the worker decodes of them, and what is refused.
module internal Tests.Expecto.Worker.FormatsTests

open System
open Expecto
open NetVips
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

let private near within (expected: Image) file name =
    Expect.isLessThanOrEqual (distance (pixelsOf (png expected)) (pixelsOf file) float) within name

let private save compression (image: Image) =
    image.TiffsaveBuffer(compression = Nullable compression)

let private compressions =
    [
        Enums.ForeignTiffCompression.None, 0.0
        Enums.ForeignTiffCompression.Lzw, 0.0
        Enums.ForeignTiffCompression.Deflate, 0.0
        Enums.ForeignTiffCompression.Packbits, 0.0
        Enums.ForeignTiffCompression.Jpeg, 40.0
    ]

let private tiff =
    testList
        "TIFF"
        [
            for compression, within in compressions do
                test $"{compression}" {
                    use image = scene 300 280
                    near within image (save compression image) "strips"

                    let tiles =
                        image.TiffsaveBuffer(compression = Nullable compression, tile = Nullable true)

                    near within image tiles "tiles"

                    use grey = grey 1 image
                    near within grey (save compression grey) "grey"
                }

            test "alpha, 16 bits, one bit and CMYK" {
                use clear = flat 300 300 [| 0uy; 100uy; 200uy; 128uy |]
                near 0.0 clear (save Enums.ForeignTiffCompression.Lzw clear) "alpha"
                use image = scene 300 280
                use deep = deep image
                near 0.0 image (save Enums.ForeignTiffCompression.Deflate deep) "16 bits"
                use bits = draw 300 300 1 (fun x _ -> [| (if x < 150 then 0uy else 255uy) |])
                near 0.0 bits (bits.TiffsaveBuffer(bitdepth = Nullable 1)) "one bit"
                use inks = inks ()
                use light = flat 300 300 inksAsRgb
                near 1.0 light (inks.TiffsaveBuffer()) "CMYK"
            }

            test "the orientation in its directory" {
                use shown = scene 300 400
                use turned = stored 6 shown
                use image = tagged 6 turned
                Expect.equal (tensorOf (image.TiffsaveBuffer())) (tensorOf (png shown)) "turned"
            }

            test "the first page, though the second is cut" {
                use first = scene 300 280
                use second = flat 300 280 [| 9uy; 9uy; 9uy |]
                use pages = animated [ first; second ]
                let file = pages.TiffsaveBuffer()
                near 0.0 first file "whole"
                near 0.0 first file[.. file.Length - 300 * 280 * 3 / 2] "cut"
            }

            test "half of it is refused" {
                use image = scene 300 280

                for compression, _ in compressions do
                    let file = save compression image
                    // libvips writes the directory last; one that is written first stands behind its strips' places.
                    reasonIs RefusalReason.Damaged file[.. file.Length / 2] $"{compression}"
            }

            test "TIFF kinds without a decoder are refused by name" {
                use image = scene 300 280
                use single = image.Cast(Enums.BandFormat.Float)
                let file = single.TiffsaveBuffer()
                isRefused ImagingLimits.Standard RefusalReason.Unsupported "whole numbers" file "float samples"
            }

            test "an oversized declaration is refused before decoding" {
                use image = scene 30 28
                let file = image.TiffsaveBuffer()
                let at = BitConverter.ToInt32(file, 4)

                for entry in at + 2 .. 12 .. at + 2 + 12 * (int file[at] - 1) do
                    if
                        BitConverter.ToUInt16(file, entry) = 256us
                        || BitConverter.ToUInt16(file, entry) = 257us
                    then
                        BitConverter.TryWriteBytes(Span(file, entry + 2, 2), 4us) |> ignore
                        BitConverter.TryWriteBytes(Span(file, entry + 8, 4), 60_000) |> ignore

                Expect.isSome (reasonOf file) "refused"
            }
        ]

let private avif =
    testList
        "AVIF"
        [
            test "an AVIF is decoded, and its size read from its header" {
                use image = scene 300 280
                let file = avif image
                near 30.0 image file "decoded"
                let info = Containers.info ImageFormat.Avif file
                Expect.equal (info.Width, info.Height) (300, 280) "announced"
                Expect.equal info.CodedPixels (300L * 280L) "coded"

                for length in [ 20; 100; 300; file.Length / 2; file.Length - 1 ] do
                    reasonIs RefusalReason.Damaged file[.. length - 1] $"{length} bytes"
            }

            test "a coded size that the container does not announce counts" {
                use image = scene 300 280
                isRefused (ImagingLimits(300L * 280L - 1L, 65_535)) RefusalReason.TooLarge "" (avif image) "too large"
            }

            test "HEIC and mif1 alone are not AVIF" {
                for brands in
                    [
                        "heic\000\000\000\000mif1heic"B
                        "mif1\000\000\000\000mif1heic"B
                        "mif1\000\000\000\000mif1miaf"B
                    ] do
                    let file =
                        Array.concat [ [| 0uy; 0uy; 0uy; 24uy |]; "ftyp"B; brands; Array.zeroCreate 100 ]

                    reasonIs RefusalReason.Unsupported file "HEIC"
            }
        ]

let tests = testList "Formats" [ tiff; avif ]
