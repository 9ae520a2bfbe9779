/// BMP, which the worker decodes itself.
module internal Tests.Expecto.Worker.BitmapTests

open System
open Expecto
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

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

/// The same six pixels in every kind of BMP.
let kinds =
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

let tests =
    testList
        "Bitmap"
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
