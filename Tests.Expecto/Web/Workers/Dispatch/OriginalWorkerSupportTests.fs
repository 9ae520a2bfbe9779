/// Which pictures a worker of the original can take.
module Tests.Expecto.Web.OriginalWorkerSupportTests

open System
open System.Buffers
open Expecto
open Tests.Expecto
open Protocol.Core
open SixLabors.ImageSharp.Formats.Gif
open SixLabors.ImageSharp.Formats.Jpeg
open SixLabors.ImageSharp.Formats.Png
open SixLabors.ImageSharp.Formats.Webp
open Tests.Expecto.Protocol
open Web.Giraffe
open Tests.Expecto.Web.OriginalWorkerTests

let private webp kind =
    made (WebpEncoder(FileFormat = Nullable kind))

/// ImageSharp writes no JPEG of four components.
let private cmyk =
    Array.concat
        [
            [| 0xFFuy; 0xD8uy; 0xFFuy; 0xC0uy; 0uy; 20uy; 8uy; 0uy; 1uy; 0uy; 1uy; 4uy |]
            Array.zeroCreate 30
            [| 0xFFuy; 0xD9uy |]
        ]

/// An extended WebP with these features, as far as its header goes.
let private extended (features: byte) =
    Array.concat
        [
            "RIFF"B
            BitConverter.GetBytes 22
            "WEBPVP8X"B
            BitConverter.GetBytes 10
            [| features |]
            Array.zeroCreate 9
        ]

let private without count (file: byte[]) = file[.. file.Length - 1 - count]

let private supports =
    test "pictures for original workers are chosen by their headers" {
        for name, picture, expected in
            [
                "RGB PNG", png PngColorType.Rgb, Supported
                "RGBA PNG", rgba, Unsupported
                "grey PNG with alpha", png PngColorType.GrayscaleWithAlpha, Unsupported
                "palette PNG", png PngColorType.Palette, Uncertain
                "cut PNG", (png PngColorType.Rgb)[..40], Uncertain
                "cut RGBA PNG", rgba[..40], Unsupported
                "JPEG", jpeg JpegColorType.YCbCrRatio420, Supported
                "cut JPEG", without 2 (jpeg JpegColorType.YCbCrRatio420), Uncertain
                "grey JPEG", jpeg JpegColorType.Luminance, Uncertain
                "CMYK JPEG", cmyk, Unsupported
                "a JPEG's first bytes", (jpeg JpegColorType.YCbCrRatio420)[..12], Uncertain
                "lossy WebP", webp WebpFileFormatType.Lossy 255uy, Supported
                "cut WebP", without 5 (webp WebpFileFormatType.Lossy 255uy), Uncertain
                "lossless WebP", webp WebpFileFormatType.Lossless 255uy, Supported
                "lossless WebP with alpha", webp WebpFileFormatType.Lossless 100uy, Unsupported
                "extended WebP with alpha", extended 0x10uy, Unsupported
                "animated WebP", extended 0x02uy, Uncertain
                "GIF", made (GifEncoder()) 255uy, Uncertain
                "no known format", [| 1uy; 2uy; 3uy |], Supported
            ] do
            Expect.equal (OriginalWorkerSupport.ofPicture (ReadOnlySequence picture)) expected name
            Expect.equal (OriginalWorkerSupport.ofPicture (Bytes.singly picture)) expected $"{name}, in pieces"

        for name in [ "dog.jpg"; "cheetah1.jpg"; "lion.webp" ] do
            let picture = Tests.Expecto.Repository.photograph name

            Expect.equal
                (OriginalWorkerSupport.ofPicture (Bytes.inPieces [ 1..1000 .. picture.Length ] picture))
                Supported
                name
    }

let tests = testList "OriginalWorkerSupport" [ supports ]
