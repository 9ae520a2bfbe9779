/// Which files are taken for pictures, by their first bytes.
module Tests.Expecto.Web.ImageFormatTests

open System
open System.Text
open Expecto
open Web.Giraffe

let private formats =
    [
        "JPEG", [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |], Some "image/jpeg"
        "PNG", Picture.png 8, Some "image/png"
        "PNG cut short", Array.truncate 7 (Picture.png 8), None
        "WebP", Encoding.ASCII.GetBytes "RIFF\000\000\000\000WEBPVP8 ", Some "image/webp"
        "RIFF that is sound", Encoding.ASCII.GetBytes "RIFF\000\000\000\000WAVEfmt ", None
        "GIF", Encoding.ASCII.GetBytes "GIF89a....", Some "image/gif"
        "old GIF", Encoding.ASCII.GetBytes "GIF87a....", Some "image/gif"
        "GIF of no year", Encoding.ASCII.GetBytes "GIF88a....", None
        "BMP", Array.concat [ "BM"B; Array.zeroCreate 12; [| 40uy; 0uy; 0uy; 0uy |] ], None
        "text that begins with BM", Encoding.ASCII.GetBytes "BMW is a make of cars", None
        "SVG", Encoding.ASCII.GetBytes "<svg xmlns='http://www.w3.org/2000/svg'/>", None
        "PDF", Encoding.ASCII.GetBytes "%PDF-1.7 and so on", None
        "TIFF", Encoding.ASCII.GetBytes "II*\000........", None
        "nothing", [||], None
    ]

let private others =
    [
        "a phone's HEIC", Encoding.ASCII.GetBytes "\000\000\000\024ftypheic\000\000\000\000", Some "HEIC"
        "AVIF", Encoding.ASCII.GetBytes "\000\000\000\032ftypavif\000\000\000\000", Some "AVIF"
        "a film", Encoding.ASCII.GetBytes "\000\000\000\032ftypisom\000\000\002\000", None
        "BMP", Array.concat [ "BM"B; [| 70uy; 0uy; 0uy; 0uy |]; Array.zeroCreate 4; [| 54uy |] ], Some "BMP"
        "text that begins with BM", Encoding.ASCII.GetBytes "BMW is a make of cars", None
        "TIFF", Encoding.ASCII.GetBytes "II*\000........", Some "TIFF or camera raw"
        "JPEG XL", [| 0xFFuy; 0x0Auy; 0uy |], Some "JPEG XL"
        "PDF", Encoding.ASCII.GetBytes "%PDF-1.7 and so on", Some "PDF"
        "SVG", Encoding.ASCII.GetBytes "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", Some "SVG"
        "a page", Encoding.ASCII.GetBytes "<html></html>", None
        "text", Encoding.ASCII.GetBytes "no picture at all", None
        "nothing", [||], None
    ]

let tests =
    testList
        "ImageFormat"
        [
            for name, bytes, expected in formats do
                test name { Expect.equal (ImageFormat.tell (ReadOnlySpan bytes)) expected "told by its first bytes" }

            for name, bytes, expected in others do
                test $"what is not taken: {name}" {
                    Expect.equal (ImageFormat.foreign (ReadOnlySpan bytes)) expected "known by a name"
                }
        ]
