/// A file in which no pixel of the first picture is missing is decoded; half a picture is refused.
module internal Tests.Expecto.Worker.RepairTests

open System
open Expecto
open Scenarios.Pictures
open Tests.Expecto.Worker.Files
open Tests.Expecto.Worker.Pictures
open Worker.Imaging

let private same expected file name =
    Expect.equal (preprocess squeezenet ImagingLimits.Standard file) (Ok(tensorOf expected)) name

let private refused file name =
    reasonIs RefusalReason.Damaged file name

let private cut count (file: byte[]) = file[.. file.Length - count - 1]

let private image = lazy (scene 300 280)

/// The filtered rows of the picture, all with filter 0.
let private filtered =
    lazy
        (let bytes = image.Force().WriteToMemory<byte>()

         Array.concat [ for y in 0..279 -> Array.append [| 0uy |] bytes[y * 900 .. y * 900 + 899] ])

let private pngOf = pngOf [ PngWriter.Header(300, 280) ]

let private png =
    test "PNG" {
        let good = Pictures.png (image.Force())
        let stream = zlib (filtered.Force())
        same good (pngOf stream) "whole"
        same good (pngOf (Array.append (cut 4 stream) [| 1uy; 2uy; 3uy; 4uy |])) "a wrong Adler-32"

        for missing in 1..4 do
            same good (pngOf (cut missing stream)) $"{missing} bytes of the Adler-32 missing"

        for missing in 1..20 do
            same good (cut missing (pngOf stream)) $"{missing} bytes missing"

        let odd = Array.copy stream
        odd[0] <- 0x08uy
        odd[1] <- 0x1Duy
        same good (pngOf odd) "a window that is too small"
        same good (pngOf (Array.append stream (Array.zeroCreate 9))) "bytes behind the stream"
        let interlaced = image.Force().PngsaveBuffer(interlace = Nullable true)
        same good (cut 18 interlaced) "interlaced"
        refused (pngOf stream[.. stream.Length / 2]) "half"
        refused (pngOf (zlib (cut 1 (filtered.Force())))) "a byte missing"
        refused (pngOf (zlib (cut 901 (filtered.Force())))) "a row missing"
        refused (cut (interlaced.Length / 2) interlaced) "half, interlaced"
    }

let private restarts (file: byte[]) =
    [
        for at in 600 .. file.Length - 2 do
            if file[at] = 0xFFuy && file[at + 1] >= 0xD0uy && file[at + 1] <= 0xD7uy then
                at
    ]

let private jpeg =
    test "JPEG" {
        for name, file in
            [
                "4:4:4", Pictures.jpeg (image.Force())
                "4:2:0", image.Force().JpegsaveBuffer(q = Nullable 80)
                "grey", image.Force().ExtractBand(1).JpegsaveBuffer()
                "restarts", image.Force().JpegsaveBuffer(restartInterval = Nullable 5)
                "progressive", image.Force().JpegsaveBuffer(interlace = Nullable true)
            ] do
            same file (cut 1 file) $"{name} with half its end marker"
            same file (cut 2 file) $"{name} without its end marker"
            same file (Array.append file (Array.zeroCreate 100)) $"{name} with zeros behind it"
            refused (cut 12 file) $"{name} without its last bytes"
            refused (cut (file.Length / 2) file) $"half of {name}"

        let file =
            image.Force().JpegsaveBuffer(q = Nullable 90, restartInterval = Nullable 2)

        let found = restarts file
        Expect.isGreaterThan found.Length 150 "restart markers"
        let zero = Array.copy file

        for at in found do
            zero[at + 1] <- 0xD0uy

        same file zero "restart markers of one number"
        let stray = Array.insertManyAt found[7] [| 0xFFuy; 0xD5uy |] zero
        same file stray "a stray restart marker among them"
    }

let private gif =
    test "GIF" {
        let file = image.Force().GifsaveBuffer(dither = Nullable 0.0)
        same file (cut 1 file) "without its trailer"
        same file (cut 2 file) "without its last block's end"
        same file (cut 3 file) "without its last code"
        refused (cut 40 file) "without its last pixels"
        refused (cut (file.Length / 2) file) "half"
        use moving = film 300 280
        let animation = moving.GifsaveBuffer(dither = Nullable 0.0)
        same animation (cut 30 animation) "an animation cut in its second frame"
    }

let private smaller =
    test "a GIF whose first frame is smaller than the canvas has white around it" {
        use frame = flat 100 80 [| 200uy; 0uy; 0uy |]
        let file = frame.GifsaveBuffer()

        let separator =
            Array.findIndex ((=) 0x2Cuy) file[13 + (3 <<< (int file[10] &&& 7) + 1) ..]

        let at = separator + 13 + (3 <<< (int file[10] &&& 7) + 1)
        file[6] <- 200uy
        file[8] <- 160uy
        file[at + 1] <- 50uy
        file[at + 3] <- 40uy

        use expected =
            draw 200 160 3 (fun x y ->
                if x >= 50 && x < 150 && y >= 40 && y < 120 then
                    [| 200uy; 0uy; 0uy |]
                else
                    [| 255uy; 255uy; 255uy |])

        same (Pictures.png expected) file "white"
    }

let private webP =
    test "WebP" {
        use moving = film 300 280
        let animation = moving.WebpsaveBuffer(lossless = Nullable true)
        same animation (cut 10 animation) "an animation cut in its second frame"
        let still = image.Force().WebpsaveBuffer(lossless = Nullable true)
        same still (Array.append still (Array.zeroCreate 33)) "bytes behind it"
        refused (cut (still.Length / 2) still) "half"
    }

let tests = testList "Repair" [ png; jpeg; gif; smaller; webP ]
