/// Which files are accepted as pictures, and the names of other formats, by their content.
module Tests.Expecto.Web.ImageFormatTests

open System
open System.Text
open Expecto
open FileFormats
open Web.Giraffe
open Tests.Expecto.Web.FileSamples

let private taken =
    [
        "JPEG", [| 0xFFuy; 0xD8uy; 0xFFuy; 0xE0uy |], "image/jpeg"
        "baseline JPEG", jpegFrame 0xC0uy 8uy, "image/jpeg"
        "progressive JPEG", jpegFrame 0xC2uy 8uy, "image/jpeg"
        "PNG", Picture.png 8, "image/png"
        "WebP", ascii "RIFF\000\000\000\000WEBPVP8 ", "image/webp"
        "GIF", ascii "GIF89a....", "image/gif"
        "old GIF", ascii "GIF87a....", "image/gif"
        "AVIF", ftyp "avif" [ "avif"; "mif1"; "miaf" ], "image/avif"
        "AVIF by a compatible brand", ftyp "mif1" [ "miaf"; "avif" ], "image/avif"
        "AVIF sequence", ftyp "avis" [ "avis"; "msf1" ], "image/avif"
        "BMP", bitmap, "image/bmp"
        "TIFF", tiff true [ 256, 9; 257, 9 ] "", "image/tiff"
        "TIFF, the other way round", tiff false [ 256, 9; 257, 9; 262, 2 ] "", "image/tiff"
        "TIFF whose directory is elsewhere", ascii "II*\000....", "image/tiff"
        "TIFF with a directory below", tiff true [ 254, 0; 330, 9 ] "", "image/tiff"
        "BMP whose reserved bytes are used",
        Array.concat [ "BM"B; Array.create 12 1uy; [| 124uy; 0uy; 0uy; 0uy |] ],
        "image/bmp"
    ]

let private named =
    [
        "a phone's HEIC", ftyp "heic" [ "mif1"; "heic" ], "HEIC"
        "HEIC by a compatible brand", ftyp "mif1" [ "mif1"; "miaf"; "heic" ], "HEIC"
        "HEIC sequence", ftyp "msf1" [ "iso8"; "hevc" ], "HEIC"
        "HEIC of 10 bits", ftyp "heix" [], "HEIC"
        "scalable HEIC", ftyp "mif1" [ "hevs" ], "HEIC"
        "HEIC, cut", Array.truncate 12 (ftyp "heic" [ "mif1" ]), "HEIC"
        "no brand but the container's", ftyp "mif1" [ "mif1"; "miaf" ], "HEIF"
        "Canon's raw", ftyp "crx " [ "crx "; "isom" ], "CR3 camera raw"
        "MP4", ftyp "isom" [ "isom"; "mp41" ], "MP4 video"
        "MP4 for streaming", ftyp "iso6" [ "iso6"; "dash" ], "MP4 video"
        "MOV", ftyp "qt  " [ "qt  " ], "MOV video"
        "MOV without a first box", ascii "\000\000\000\108moov....", "MOV video"
        "sound in MP4", ftyp "M4A " [ "isom" ], "MP4 audio"
        "BigTIFF", ascii "II+\000\008\000\000\000", "BigTIFF"
        "DNG", tiff true [ 254, 1; 50706, 4 ] "", "DNG camera raw"
        "NEF", tiff false [ 254, 1; 271, makeAt; 330, 9 ] "NIKON CORPORATION", "NEF camera raw"
        "ARW", tiff true [ 254, 1; 271, makeAt; 330, 9 ] "SONY", "ARW camera raw"
        "a colour filter array", tiff false [ 256, 9; 257, 9; 262, 32803 ] "", "Camera raw"
        "CR2", latin "II*\000\016\000\000\000CR\002\000", "CR2 camera raw"
        "Fujifilm's raw", ascii "FUJIFILMCCD-RAW 0201", "Camera raw"
        "JPEG XL", [| 0xFFuy; 0x0Auy; 0uy |], "JPEG XL"
        "JPEG XL in its container", latin "\000\000\000\012JXL \r\n\135\n", "JPEG XL"
        "JPEG 2000", latin "\000\000\000\012jP  \r\n\135\n", "JPEG 2000"
        "JPEG 2000 without a container", [| 0xFFuy; 0x4Fuy; 0xFFuy; 0x51uy |], "JPEG 2000"
        "JPEG XR", latin "II\188\001", "JPEG XR"
        "12-bit JPEG", jpegFrame 0xC1uy 12uy, "12-bit JPEG"
        "lossless JPEG", jpegFrame 0xC3uy 8uy, "Lossless JPEG"
        "lossless JPEG of 16 bits", jpegFrame 0xC3uy 16uy, "Lossless JPEG"
        "JPEG-LS", jpegFrame 0xF7uy 8uy, "JPEG-LS"
        "hierarchical JPEG", jpegFrame 0xC5uy 8uy, "Hierarchical JPEG"
        "PSD", ascii "8BPS\000\001......", "PSD"
        "ICO", [| 0uy; 0uy; 1uy; 0uy; 1uy; 0uy; 16uy; 16uy; 0uy; 0uy |], "ICO"
        "CUR", [| 0uy; 0uy; 2uy; 0uy; 1uy; 0uy; 16uy; 16uy; 0uy; 0uy |], "CUR"
        "TGA", targa, "TGA"
        "QOI", ascii "qoif\000\000\000\009", "QOI"
        "PPM", ascii "P6\n9 9\n255\n", "PPM"
        "PPM of text", ascii "P3 1 1 255 0 0 0", "PPM"
        "PGM", latin "P5\n1 1\n255\n\200", "PGM"
        "SVG", ascii svg, "SVG"
        "SVG with a byte order mark", Array.append bom (ascii svg), "SVG"
        "SVG in UTF-16", Array.append [| 0xFFuy; 0xFEuy |] (Encoding.Unicode.GetBytes svg), "SVG"
        "SVG with a prefix", ascii "<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "SVG"
        "SVG behind everything that may stand before it",
        Array.append
            bom
            (ascii (
                "\n<?xml version='1.0'?>\n<!-- <html> "
                + String('x', 5000)
                + " -->\n<?xml-stylesheet href='a'?><!DOCTYPE svg PUBLIC 'a' 'b' [ <!ENTITY c 'd'> ]>\n"
                + svg
            )),
        "SVG"
        "a web page", ascii "<!doctype html><title>a</title>", "A web page"
        "a web page with a drawing in it", ascii ("<html><body>" + svg + "</body></html>"), "A web page"
        "a web page without its first elements", ascii ("\n<!-- a --><div>" + svg + "</div>"), "A web page"
        "a web page of XML", ascii "<?xml version='1.0'?><!DOCTYPE html><html/>", "A web page"
        "XML", ascii "<?xml version='1.0'?><note/>", "XML"
        "PDF", ascii "%PDF-1.7 and so on", "PDF"
        "EPS", ascii "%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"
        "PostScript", ascii "%!PS-Adobe-3.0\n", "PostScript"
        "ZIP", zip "dog.jpg" "a", "ZIP"
        "a book", zip "mimetype" "application/epub+zip", "EPUB"
        "a document", zip "[Content_Types].xml" "<Types/>", "An Office document"
        "GZIP", gzip (), "GZIP"
        "RAR", latin "Rar!\026\007\001\000", "RAR"
        "7z", latin "7z\188\175\039\028", "7z"
        "XZ", latin "\2537zXZ\000", "XZ"
        "JSON", ascii """ {"picture": "none"}""", "JSON"
        "text", ascii "no picture at all", "Plain text"
        "text that begins with BM", ascii "BMW is a make of cars", "Plain text"
        "text that begins like a JSON list", ascii "[section]\nkey=value", "Plain text"
        "text of other letters, cut in one of them", (Encoding.UTF8.GetBytes "Wörter, ä")[..9], "Plain text"
    ]

let private unknown =
    [
        "nothing", [||]
        "PNG cut short", Array.truncate 7 (Picture.png 8)
        "GIF of no year", [| 0x47uy; 0x49uy; 0x46uy; 0x38uy; 0x38uy; 0x61uy; 0uy; 1uy |]
        "zeros", Array.zeroCreate 100
        "bytes of no meaning", latin "\129\000\002\250\017\251"
    ]

let tests =
    testList
        "ImageFormat"
        [
            for name, bytes, expected in taken do
                test $"accepted: {name}" {
                    Expect.equal (ImageFormat.detect (ReadOnlySpan bytes)) (Some expected) "its media type"
                }

            for name, bytes, expected in named do
                test $"named: {name}" {
                    Expect.equal
                        (ImageFormat.foreign (ReadOnlySpan bytes) |> Option.map _.Name)
                        (Some expected)
                        "its name"

                    Expect.isNone (ImageFormat.detect (ReadOnlySpan bytes)) "not taken"
                }

            for name, bytes in unknown do
                test $"unknown: {name}" { Expect.isNull (FormatDetector.Identify(ReadOnlySpan bytes)) "no name" }

            test "every refusal says what is wrong and what to do, in a line that fits the protocol" {
                for _, bytes, name in named do
                    let text = ImageFormat.refusal (ReadOnlySpan bytes)
                    Expect.stringStarts text $"{name} isn't supported: " "what"
                    Expect.isTrue (text.EndsWith '.' && text.Length < 256) text
            }

            test "no changed beginning of a file throws" {
                let random = Random 5

                let files =
                    (taken |> List.map (fun (_, bytes, _) -> bytes))
                    @ (named |> List.map (fun (_, bytes, _) -> bytes))

                for bytes in files do
                    for length in 0 .. min 300 bytes.Length do
                        FormatDetector.Identify(ReadOnlySpan(bytes, 0, length)) |> ignore

                    for _ in 1..500 do
                        let changed = Array.truncate 1000 bytes

                        for _ in 1 .. random.Next(1, 4) do
                            if changed.Length > 0 then
                                changed[random.Next changed.Length] <- byte (random.Next 256)

                        FormatDetector.Identify(ReadOnlySpan changed) |> ignore
            }
        ]
