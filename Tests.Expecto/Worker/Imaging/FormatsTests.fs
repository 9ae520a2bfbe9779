/// BMP, TIFF and AVIF: what libvips or the worker decodes of them, and what is refused.
module internal Tests.Expecto.Worker.FormatsTests

open System
open Expecto
open NetVips
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

let private reasonIs reason file name =
    Expect.equal (reasonOf file) (Some reason) name

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

                    use grey =
                        image.ExtractBand(1).Copy(interpretation = Nullable Enums.Interpretation.Bw)

                    near within grey (save compression grey) "grey"
                }

            test "alpha, 16 bits, one bit and CMYK" {
                use clear = flat 300 300 [| 0uy; 100uy; 200uy; 128uy |]
                near 0.0 clear (save Enums.ForeignTiffCompression.Lzw clear) "alpha"
                use image = scene 300 280
                use shorts = (image * 256.0 + 200.0).Cast(Enums.BandFormat.Ushort)
                use deep = shorts.Copy(interpretation = Nullable Enums.Interpretation.Rgb16)
                near 0.0 image (save Enums.ForeignTiffCompression.Deflate deep) "16 bits"
                use bits = draw 300 300 1 (fun x _ -> [| (if x < 150 then 0uy else 255uy) |])
                near 0.0 bits (bits.TiffsaveBuffer(bitdepth = Nullable 1)) "one bit"

                use inks =
                    (flat 300 300 [| 255uy; 0uy; 128uy; 51uy |])
                        .Copy(interpretation = Nullable Enums.Interpretation.Cmyk)

                use light = flat 300 300 [| 0uy; 204uy; 102uy |]
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
                use both = Image.Arrayjoin([| first; second |], across = Nullable 1)

                use pages =
                    both.Mutate(fun header -> header.Set(GValue.GIntType, "page-height", 280))

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
                let refusal = (refusalOf ImagingLimits.Standard (single.TiffsaveBuffer())).Value
                Expect.equal refusal.Reason RefusalReason.Unsupported refusal.Detail
                Expect.stringContains refusal.Detail "whole numbers" "why"
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

                let file =
                    image.HeifsaveBuffer(compression = Nullable Enums.ForeignHeifCompression.Av1, q = Nullable 95)

                near 30.0 image file "decoded"
                let info = Containers.info ImageFormat.Avif file
                Expect.equal (info.Width, info.Height) (300, 280) "announced"
                Expect.equal info.CodedPixels (300L * 280L) "coded"

                for length in [ 20; 100; 300; file.Length / 2; file.Length - 1 ] do
                    reasonIs RefusalReason.Damaged file[.. length - 1] $"{length} bytes"
            }

            test "a coded size that the container does not announce counts" {
                use image = scene 300 280

                let file =
                    image.HeifsaveBuffer(compression = Nullable Enums.ForeignHeifCompression.Av1)

                let limits = ImagingLimits(300L * 280L - 1L, 65_535)
                Expect.equal (refusalOf limits file |> Option.map _.Reason) (Some RefusalReason.TooLarge) "too large"
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

/// A BMP of 40 bytes of header, its masks, palette and rows.
let private bmp (width: int) (height: int) (bits: int) (compression: int) (extra: byte[]) (rows: byte[]) =
    Array.concat
        [
            "BM"B
            BitConverter.GetBytes(54 + extra.Length + rows.Length)
            Array.zeroCreate 4
            BitConverter.GetBytes(54 + extra.Length)
            BitConverter.GetBytes 40
            BitConverter.GetBytes width
            BitConverter.GetBytes height
            BitConverter.GetBytes 1s
            BitConverter.GetBytes(int16 bits)
            BitConverter.GetBytes compression
            Array.zeroCreate 20
            extra
            rows
        ]

let private padded (row: byte[]) =
    Array.append row (Array.zeroCreate ((4 - row.Length % 4) % 4))

let private palette (colours: byte[] list) =
    Array.concat [ for colour in colours -> [| colour[2]; colour[1]; colour[0]; 0uy |] ]

let private red, green, blue =
    [| 255uy; 0uy; 0uy |], [| 0uy; 255uy; 0uy |], [| 0uy; 0uy; 255uy |]

/// Two rows of three: red, green, blue, and below blue, blue, red.
let private six =
    let colours = [| [| red; green; blue |]; [| blue; blue; red |] |]
    lazy (draw 3 2 3 (fun x y -> colours[y][x]))

let private three = palette [ red; green; blue ]

let private whole bits =
    Array.append three (Array.zeroCreate (4 * ((1 <<< bits) - 3)))

let private rows (top: byte[]) (bottom: byte[]) =
    Array.append (padded bottom) (padded top)

let private shorts (values: uint16 list) =
    values |> List.map BitConverter.GetBytes |> Array.concat

let private longs (values: uint32 list) =
    values |> List.map BitConverter.GetBytes |> Array.concat

let private bgr =
    rows [| 0uy; 0uy; 255uy; 0uy; 255uy; 0uy; 255uy; 0uy; 0uy |] [| 255uy; 0uy; 0uy; 255uy; 0uy; 0uy; 0uy; 0uy; 255uy |]

let private kinds =
    [
        "24 bits", bmp 3 2 24 0 [||] bgr
        "24 bits, the top row first", bmp 3 -2 24 0 [||] (Array.append bgr[12..] bgr[..11])
        "8 bits", bmp 3 2 8 0 (whole 8) (rows [| 0uy; 1uy; 2uy |] [| 2uy; 2uy; 0uy |])
        "4 bits", bmp 3 2 4 0 (whole 4) (rows [| 0x01uy; 0x20uy |] [| 0x22uy; 0x00uy |])
        "2 bits", bmp 3 2 2 0 (whole 2) (rows [| 0b00011000uy |] [| 0b10100000uy |])
        "16 bits, 5 each",
        bmp 3 2 16 0 [||] (rows (shorts [ 0x7C00us; 0x3E0us; 0x1Fus ]) (shorts [ 0x1Fus; 0x1Fus; 0x7C00us ]))
        "16 bits, 5, 6 and 5",
        bmp
            3
            2
            16
            3
            (longs [ 0xF800u; 0x7E0u; 0x1Fu ])
            (rows (shorts [ 0xF800us; 0x7E0us; 0x1Fus ]) (shorts [ 0x1Fus; 0x1Fus; 0xF800us ]))
        "32 bits, the fourth byte unused",
        bmp 3 2 32 0 [||] (longs [ 0xFFu; 0xFFu; 0xFF0000u; 0xFF0000u; 0xFF00u; 0xFFu ])
        "32 bits with masks",
        bmp
            3
            2
            32
            3
            (longs [ 0xFFu; 0xFF00u; 0xFF0000u ])
            (longs [ 0xFF0000u; 0xFF0000u; 0xFFu; 0xFFu; 0xFF00u; 0xFF0000u ])
        "runs of 8 bits",
        bmp 3 2 8 1 (whole 8) [| 2uy; 2uy; 1uy; 0uy; 0uy; 0uy; 0uy; 3uy; 0uy; 1uy; 2uy; 0uy; 0uy; 1uy |]
        "runs of 4 bits",
        bmp 3 2 4 2 (whole 4) [| 2uy; 0x22uy; 1uy; 0uy; 0uy; 0uy; 0uy; 3uy; 0x01uy; 0x20uy; 0uy; 1uy |]
    ]

let private bitmap =
    testList
        "BMP"
        [
            for name, file in kinds do
                test name { Expect.equal (pixelsOf file) (pixelsOf (png (six.Force()))) name }

            test "one bit, with OS/2's short header" {
                let file =
                    Array.concat
                        [
                            "BM"B
                            Array.zeroCreate 8
                            BitConverter.GetBytes 32
                            BitConverter.GetBytes 12
                            shorts [ 3us; 2us; 1us; 1us ]
                            [| 0uy; 0uy; 255uy; 255uy; 0uy; 0uy |]
                            rows [| 0b01000000uy |] [| 0b10100000uy |]
                        ]

                use expected = draw 3 2 3 (fun x y -> if (x + y) % 2 = 0 then red else blue)
                Expect.equal (pixelsOf file) (pixelsOf (png expected)) "two colours"
            }

            test "alpha with a mask is blended over white" {
                let header =
                    bmp 1 1 32 3 (longs [ 0xFF0000u; 0xFF00u; 0xFFu; 0xFF000000u ]) (longs [ 0x800000FFu ])
                // The masks belong to a longer header, which has four.
                header[14] <- 56uy
                let pixels = pixelsOf header
                Expect.equal pixels[..2] [| 127; 127; 255 |] "half"
            }

            test "the last row's padding may be missing, but no pixel" {
                let file = bmp 3 2 24 0 [||] bgr
                Expect.isNone (reasonOf file[.. file.Length - 4]) "padding"
                reasonIs RefusalReason.Damaged file[.. file.Length - 5] "pixel"

                for _, file in kinds do
                    reasonIs RefusalReason.Damaged file[.. file.Length - 7] "cut"
            }

            test "JPEG within BMP is refused by name" {
                reasonIs RefusalReason.Unsupported (bmp 3 2 0 4 [||] bgr) "JPEG"
            }
        ]

let tests = testList "Formats" [ tiff; avif; bitmap ]
