/// The orientation that a file asks for: EXIF's, else XMP's, wherever the format has them.
module Tests.Expecto.Worker.StoredOrientationTests

open System
open Expecto
open NetVips
open Tests.Expecto.Worker.Files
open Tests.Expecto.Worker.Jpegs
open Worker.Imaging

let private picture = lazy (Pictures.scene 24 16)

let private asStored = Orientation()
let private turned = Orientation.FromExif 6
let private exif value = intel.Of [ intel.Orientation value ]
let private tiff value = (exif value)[6..]

let private bytes =
    intel.Of [ intel.Entry(0x0112, 1, 1u, [| 6uy; 0uy; 0uy; 0uy |]) ]

let private without = intel.Of [ intel.Entry(0x0100, 4, 1u, intel.Long 16u) ]
let private exifText = "Raw profile type exif"
let private xmp = "XML:com.adobe.xmp"

let private jpeg segments =
    insert (Array.concat segments) (Jpegs.without 0xE1uy (Pictures.jpeg (picture.Force())))

let private app1 = segment 0xE1uy

let private xmpSegment (packet: byte[]) =
    app1 (Array.append "http://ns.adobe.com/xap/1.0/\000"B packet)

// libvips writes an EXIF block of its own unless told to keep nothing.
let private keepNothing = Nullable Enums.ForeignKeep.None

let private plainPng () =
    picture.Force().PngsaveBuffer(keep = keepNothing)

let private png chunks =
    plainPng () |> withChunks (Array.concat chunks)

let private webP metadata =
    picture.Force().WebpsaveBuffer(lossless = Nullable true, keep = keepNothing)
    |> withMetadata 24 16 metadata

let private cases =
    [
        "JPEG: EXIF", jpeg [ app1 (exif 6) ], turned
        "JPEG: EXIF of type BYTE", jpeg [ app1 bytes ], asStored
        "JPEG: XMP's attribute", jpeg [ xmpSegment (xmpAttribute 6) ], turned
        "JPEG: XMP's element", jpeg [ xmpSegment (xmpElement 6) ], turned
        "JPEG: EXIF before XMP", jpeg [ xmpSegment (xmpAttribute 8); app1 (exif 6) ], turned
        "JPEG: EXIF's 1 before XMP", jpeg [ app1 (exif 1); xmpSegment (xmpAttribute 6) ], asStored
        "JPEG: EXIF of type BYTE before XMP", jpeg [ app1 bytes; xmpSegment (xmpAttribute 6) ], asStored
        "JPEG: EXIF without orientation", jpeg [ app1 without; xmpSegment (xmpAttribute 6) ], turned
        "JPEG: XMP's 9", jpeg [ xmpSegment (xmpAttribute 9) ], asStored
        "JPEG: XMP of nothing", jpeg [ xmpSegment "tiff:Orientation"B ], asStored
        "JPEG: XMP with single quotes, which Pillow does not read",
        jpeg [ xmpSegment "<x tiff:Orientation='6'/>"B ],
        asStored
        "PNG: EXIF", png [ pngChunk "eXIf" (tiff 6) ], turned
        "PNG: EXIF with a JPEG's prefix", png [ pngChunk "eXIf" (exif 6) ], turned
        "PNG: EXIF behind the pixels", plainPng () |> withLastChunks (pngChunk "eXIf" (tiff 6)), turned
        "PNG: EXIF of type BYTE", png [ pngChunk "eXIf" bytes[6..] ], asStored
        "PNG: tEXt", png [ tEXt exifText (rawProfile (exif 6)) ], turned
        "PNG: zTXt", png [ zTXt exifText (rawProfile (exif 6)) ], turned
        "PNG: iTXt", png [ iTXt exifText false (rawProfile (exif 6)) ], turned
        "PNG: a text without the prefix", png [ zTXt exifText (rawProfile (tiff 6)) ], turned
        "PNG: a text behind the pixels", plainPng () |> withLastChunks (zTXt exifText (rawProfile (exif 6))), turned
        "PNG: a text of another name", png [ zTXt "Raw profile type xmp" (rawProfile (exif 6)) ], asStored
        "PNG: a text that is no zlib", png [ pngChunk "zTXt" "Raw profile type exif\000\000abc"B ], asStored
        "PNG: a text that ends at once", png [ pngChunk "zTXt" "Raw profile type exif\000"B ], asStored
        "PNG: a text of three digits", png [ tEXt exifText "\nexif\n  2\n457"B ], asStored
        "PNG: EXIF before a text", png [ zTXt exifText (rawProfile (exif 8)); pngChunk "eXIf" (tiff 6) ], turned
        "PNG: XMP", png [ iTXt xmp false (xmpAttribute 6) ], turned
        "PNG: XMP, compressed", png [ iTXt xmp true (xmpElement 6) ], turned
        "PNG: XMP behind EXIF's 1", png [ pngChunk "eXIf" (tiff 1); iTXt xmp false (xmpAttribute 6) ], asStored
        "WebP: EXIF", webP [ "EXIF", tiff 6 ], turned
        "WebP: EXIF with a JPEG's prefix", webP [ "EXIF", exif 6 ], turned
        "WebP: EXIF of type BYTE", webP [ "EXIF", bytes[6..] ], asStored
        "WebP: XMP", webP [ "XMP ", xmpAttribute 6 ], turned
        "WebP: EXIF's 1 before XMP", webP [ "EXIF", tiff 1; "XMP ", xmpAttribute 6 ], asStored
    ]

let tests =
    testList
        "StoredOrientation"
        [
            for name, file, expected in cases do
                test name { Expect.equal (Pictures.orientationOf file) expected name }

            test "a compressed text is inflated no further than 64 KiB" {
                let bomb = zTXt exifText (Array.zeroCreate 50_000_000)
                let before = ProcessorTime.OfThread
                Expect.equal (Pictures.orientationOf (png (List.replicate 100 bomb))) asStored "no EXIF"
                Expect.isLessThan (ProcessorTime.OfThread - before).TotalSeconds 0.5 "at once"
            }
        ]
