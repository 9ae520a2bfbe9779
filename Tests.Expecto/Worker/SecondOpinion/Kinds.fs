/// One picture of each kind of file that users have, and the program whose decoding of it is right.
module Tests.Expecto.Worker.Kinds

open System
open NetVips
open Scenarios.Pictures
open SixLabors.ImageSharp.Formats.Bmp
open SixLabors.ImageSharp.Formats.Gif
open SixLabors.ImageSharp.Formats.Jpeg
open SixLabors.ImageSharp.Formats.Png
open SixLabors.ImageSharp.Formats.Tiff
open SixLabors.ImageSharp.Formats.Webp
open SixLabors.ImageSharp.Metadata.Profiles.Exif
open SixLabors.ImageSharp.PixelFormats
open SixLabors.ImageSharp.Processing
open Tests.Expecto.Worker.Files
open Tests.Expecto.MadePictures
open Tests.Expecto

type private Sharp = SixLabors.ImageSharp.Image<Rgba32>

type private Right =
    /// What ImageSharp decodes of the file.
    | ImageSharp
    /// What ImageSharp decodes of the same file before it was cut or changed.
    | Whole of byte[]
    /// The stored picture, turned by a quarter: ImageSharp and browsers do not read this orientation, Pillow does.
    | Turned
    | Chromium

type Kind =
    private
        {
            name: string
            right: Right
            file: byte[]
        }

    member kind.Name = kind.name
    member kind.File = kind.file

    member kind.By =
        match kind.right with
        | ImageSharp -> "ImageSharp"
        | Whole _ -> "ImageSharp, of the whole file"
        | Turned -> "ImageSharp, turned"
        | Chromium -> "Chromium"

/// A GIF of the frame that lies within a canvas of this size.
let private within width height left top (gif: byte[]) =
    let file = Array.copy gif

    let short at (value: int) =
        BitConverter.TryWriteBytes(Span(file, at, 2), int16 value) |> ignore

    let colours =
        if file[10] >= 0x80uy then
            3 <<< (int file[10] &&& 7) + 1
        else
            0

    /// Blocks before the image: 0x21, a label, and parts with their lengths. None says that a colour is transparent.
    let rec image at =
        if file[at] = 0x2Cuy then
            at
        else
            if file[at + 1] = 0xF9uy then
                file[at + 3] <- file[at + 3] &&& 0xFEuy

            let rec behind part =
                if file[part] = 0uy then
                    part + 1
                else
                    behind (part + 1 + int file[part])

            image (behind (at + 2))

    let at = image (13 + colours)
    short 6 width
    short 8 height
    short (at + 1) left
    short (at + 3) top
    file

/// The tRNS chunk filled up with opaque entries to one more than the palette has.
let private surplus (file: byte[]) =
    let rec chunk name at =
        let length =
            Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(file, at, 4))

        if file[at + 4 .. at + 7] = name then
            at, length
        else
            chunk name (at + 12 + length)

    let _, palette = chunk "PLTE"B 8
    let at, length = chunk "tRNS"B 8
    let entries = file[at + 8 .. at + 7 + length]

    Array.concat
        [
            file[.. at - 1]
            pngChunk "tRNS" (Array.append entries (Array.create (palette / 3 + 1 - length) 255uy))
            file[at + 12 + length ..]
        ]

let private rgb: SixLabors.ImageSharp.Formats.IImageEncoder =
    png PngColorType.Rgb PngBitDepth.Bit8

let all () =
    use photograph = photograph "dog"
    photograph.Mutate(fun context -> context.Resize(400, 314) |> ignore)
    // An orientation that the file itself has goes before XMP's.
    photograph.Metadata.ExifProfile <- null
    use fading = photograph.Clone()
    fade fading
    use holed: Sharp = photograph.Clone()

    for y in 0..313 do
        for x in 0..119 do
            holed[x, y] <- Rgba32()

    use part = photograph.Clone(fun context -> context.Crop(250, 200) |> ignore)
    use tagged = photograph.Clone()
    let exif = ExifProfile()
    exif.SetValue(ExifTag.Orientation, 6us)
    tagged.Metadata.ExifProfile <- exif
    let jpeg = save (jpeg 90 JpegColorType.YCbCrRatio444) photograph
    let plain = save rgb photograph
    let gif = save (GifEncoder()) photograph
    use vips = Image.NewFromBuffer plain
    use colours = vips.ExtractBand(0, n = Nullable 3)
    let restarts = colours.JpegsaveBuffer(q = Nullable 90, restartInterval = Nullable 2)

    // Of one number, so that each but the first is a warning of libjpeg, and one more than there should be.
    let stray =
        let places =
            [ 600 .. restarts.Length - 2 ]
            |> List.filter (fun at -> restarts[at] = 0xFFuy && restarts[at + 1] &&& 0xF8uy = 0xD0uy)

        let file = Array.copy restarts

        for at in places do
            file[at + 1] <- 0xD0uy

        Array.insertManyAt places[7] [| 0xFFuy; 0xD5uy |] file

    use second = colours.Invert()
    use moving = Pictures.animated [ colours; second ]
    let animation = moving.WebpsaveBuffer(lossless = Nullable true)
    let pixels = SecondOpinion.imageSharp plain

    let wrongSum =
        let rows =
            Array.concat
                [
                    for y in 0..313 -> Array.append [| 0uy |] pixels.Rgb[y * 1200 .. y * 1200 + 1199]
                ]

        let stream = zlib rows
        stream[stream.Length - 1] <- stream[stream.Length - 1] ^^^ 1uy
        pngOf [ PngWriter.Header(400, 314) ] stream

    let palette = save (PngEncoder(ColorType = Nullable PngColorType.Palette)) holed

    let byteExif =
        Jpegs.intel.Of [ Jpegs.intel.Entry(0x0112, 1, 1u, [| 6uy; 0uy; 0uy; 0uy |]) ]

    let shortExif = Jpegs.intel.Of [ Jpegs.intel.Orientation 6 ]
    let xmp = Array.append "http://ns.adobe.com/xap/1.0/\000"B (xmpAttribute 6)
    let cut count (file: byte[]) = file[.. file.Length - count - 1]

    [
        "PNG, alpha of 8 bits", ImageSharp, save (png PngColorType.RgbWithAlpha PngBitDepth.Bit8) fading
        "PNG, alpha of 16 bits", ImageSharp, save (png PngColorType.RgbWithAlpha PngBitDepth.Bit16) fading
        "GIF whose first frame is smaller", Chromium, within 400 314 60 50 (save (GifEncoder()) part)
        "PNG, a surplus tRNS entry", Whole palette, surplus palette
        "JPEG, EXIF's orientation of type SHORT",
        ImageSharp,
        save (MadePictures.jpeg 90 JpegColorType.YCbCrRatio444) tagged
        "JPEG, EXIF's orientation of type BYTE", Chromium, Jpegs.insert (Jpegs.segment 0xE1uy byteExif) jpeg
        "JPEG, XMP's orientation", Turned, Jpegs.insert (Jpegs.segment 0xE1uy xmp) jpeg
        "PNG, raw EXIF in a text", Turned, withChunks (zTXt "Raw profile type exif" (rawProfile shortExif)) plain
        "JPEG without its end marker", Whole jpeg, cut 2 jpeg
        "JPEG, a stray restart marker", Whole restarts, stray
        "PNG, a wrong Adler-32", Whole plain, wrongSum
        "GIF without its last bytes", Whole gif, cut 2 gif
        "WebP, an animation cut in its second frame", Whole plain, cut 10 animation
        "AVIF", Chromium, Pictures.avif colours
        "TIFF", ImageSharp, save (TiffEncoder()) photograph
        "BMP", ImageSharp, save (BmpEncoder(BitsPerPixel = Nullable BmpBitsPerPixel.Pixel24)) photograph
        "JPEG", ImageSharp, jpeg
        "PNG", ImageSharp, plain
        "GIF", ImageSharp, gif
        "WebP", ImageSharp, save (WebpEncoder(Quality = 80)) photograph
    ]
    |> List.map (fun (name, right, file) ->
        {
            name = name
            right = right
            file = file
        })

/// Each kind as it is shown right.
let opinions (kinds: Kind list) =
    let browser =
        kinds |> List.filter (fun kind -> kind.right = Chromium) |> List.map _.file

    let shown = List.zip browser (SecondOpinion.chromium browser)

    kinds
    |> List.map (fun kind ->
        match kind.right with
        | ImageSharp -> SecondOpinion.imageSharp kind.file
        | Whole file -> SecondOpinion.imageSharp file
        | Turned -> SecondOpinion.turned (fun context -> context.Rotate RotateMode.Rotate90 |> ignore) kind.file
        | Chromium ->
            shown
            |> List.find (fun (file, _) -> obj.ReferenceEquals(file, kind.file))
            |> snd)
