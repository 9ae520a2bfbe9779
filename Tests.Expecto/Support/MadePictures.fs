/// Pictures that ImageSharp makes from the photographs beside the repository.
module Tests.Expecto.MadePictures

open System
open System.IO
open SixLabors.ImageSharp
open SixLabors.ImageSharp.Formats
open SixLabors.ImageSharp.Formats.Bmp
open SixLabors.ImageSharp.Formats.Gif
open SixLabors.ImageSharp.Formats.Jpeg
open SixLabors.ImageSharp.Formats.Png
open SixLabors.ImageSharp.Formats.Tiff
open SixLabors.ImageSharp.Formats.Tiff.Constants
open SixLabors.ImageSharp.Formats.Webp
open SixLabors.ImageSharp.PixelFormats
open SixLabors.ImageSharp.Processing

let private sources =
    lazy
        (Directory.GetFiles Repository.photographs
         |> Array.filter (fun path -> path.EndsWith ".jpg" || path.EndsWith ".webp")
         |> Array.sort
         |> Array.map (fun path -> Path.GetFileNameWithoutExtension path, Image.Load<Rgba32> path))

let photograph (name: string) =
    (sources.Value |> Array.find (fun (source, _) -> source = name) |> snd).Clone()

let save (encoder: IImageEncoder) (image: Image) =
    use stream = new MemoryStream()
    image.Save(stream, encoder)
    stream.ToArray()

let jpeg quality colours =
    JpegEncoder(Quality = Nullable quality, ColorType = Nullable colours) :> IImageEncoder

let png colours bits =
    PngEncoder(ColorType = Nullable colours, BitDepth = Nullable bits) :> IImageEncoder

/// From opaque on the left to clear on the right.
let fade (image: Image<Rgba32>) =
    for y in 0 .. image.Height - 1 do
        for x in 0 .. image.Width - 1 do
            let pixel = image[x, y]
            image[x, y] <- Rgba32(pixel.R, pixel.G, pixel.B, byte (255 - 200 * x / image.Width))

let private jpegs =
    [
        JpegColorType.YCbCrRatio444
        JpegColorType.YCbCrRatio420
        JpegColorType.YCbCrRatio422
        JpegColorType.Luminance
        JpegColorType.Rgb
        JpegColorType.YCbCrRatio411
    ]

let private others: (string * IImageEncoder) list =
    [
        "PNG", png PngColorType.Rgb PngBitDepth.Bit8
        "PNG, alpha", png PngColorType.RgbWithAlpha PngBitDepth.Bit8
        "PNG, 16 bits", png PngColorType.Rgb PngBitDepth.Bit16
        "PNG, grey", png PngColorType.Grayscale PngBitDepth.Bit8
        "PNG, palette", png PngColorType.Palette PngBitDepth.Bit8
        "PNG, interlaced", PngEncoder(InterlaceMethod = Nullable PngInterlaceMode.Adam7)
        "WebP", WebpEncoder(Quality = 80, Method = WebpEncodingMethod.Level0)
        "WebP, lossless",
        WebpEncoder(FileFormat = Nullable WebpFileFormatType.Lossless, Method = WebpEncodingMethod.Level0)
        "GIF", GifEncoder()
        "BMP", BmpEncoder(BitsPerPixel = Nullable BmpBitsPerPixel.Pixel24)
        "TIFF", TiffEncoder(Compression = Nullable TiffCompression.Deflate)
        "TIFF, LZW", TiffEncoder(Compression = Nullable TiffCompression.Lzw)
    ]

type Made =
    {
        Name: string
        File: byte[]
        /// None where it is no JPEG.
        Colours: JpegColorType option
        Shorter: int
    }

/// Number `index` of the pictures: half are JPEGs. The same number gives the same picture.
let make index =
    let random = Random(index: int)
    let source, whole = sources.Value[index % sources.Value.Length]

    let part side =
        int (float side * (0.6 + 0.4 * random.NextDouble()))

    let w, h = part whole.Width, part whole.Height

    let cut =
        Rectangle(random.Next(whole.Width - w + 1), random.Next(whole.Height - h + 1), w, h)

    let isJpeg = index / sources.Value.Length % 2 = 0
    let shorter = random.Next(120, (if isJpeg then 1500 else 700))
    let scale = float shorter / float (min w h)

    use image =
        whole.Clone(fun context ->
            context.Crop(cut).Resize(int (round (scale * float w)), int (round (scale * float h)))
            |> ignore)

    let kind, encoder, colours =
        if isJpeg then
            let quality, colours = random.Next(40, 99), jpegs[random.Next jpegs.Length]
            $"JPEG {quality} {colours}", jpeg quality colours, Some colours
        else
            let kind, encoder = others[random.Next others.Length]
            kind, encoder, None

    if kind = "PNG, alpha" then
        fade image

    {
        Name = $"{index}: {source} {image.Width} x {image.Height} {kind}"
        File = save encoder image
        Colours = colours
        Shorter = min image.Width image.Height
    }
