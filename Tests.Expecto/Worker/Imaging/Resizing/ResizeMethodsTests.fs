/// The resizes that a manifest may name, against their definition in double precision.
module Tests.Expecto.Worker.ResizeMethodsTests

open System
open Expecto
open Worker.Imaging
open Worker.Models

let private width, height = 16, 24

let private filter =
    function
    | Interpolation.Bilinear -> PillowResize.bilinearWithoutAntialias
    | Interpolation.Bicubic -> PillowResize.bicubic
    | _ -> PillowResize.bilinear

/// A pixel of the whole picture, resized to these sides, 0 … 1.
let private resized interpolation (pixel: int -> int -> float) (w, h) (toW, toH) x y =
    let under source target index =
        int ((float index + 0.5) * float source / float target)

    let value =
        if interpolation = Interpolation.Nearest then
            pixel (under w toW x) (under h toH y)
        else
            PillowResize.exact (filter interpolation) (w, h) (toW, toH) pixel x y

    Math.Clamp(value, 0.0, 255.0) / 255.0

let private model method size interpolation =
    let zero, one = Array.zeroCreate<float32> 3, Array.create 3 1f
    Preprocessing(width, height, method, size, interpolation, zero, one, [| 51uy; 102uy; 204uy |])

/// A picture of seeded noise, and its red plane.
let private noise w h =
    let random = Random(w * 1000 + h)
    let bytes = Array.init (w * h * 3) (fun _ -> byte (random.Next 256))

    let image =
        Pictures.draw w h 3 (fun x y -> bytes[(y * w + x) * 3 .. (y * w + x) * 3 + 2])

    image, (fun x y -> float bytes[(y * w + x) * 3])

let private sizes = [ 40, 30; 30, 61; 9, 13; 100, 24 ]

/// Rounding to 8 bits in each pass, and a little more.
let private tolerance = 1.1 / 255.0

let private compare name (found: float32[]) expected =
    for y in 0 .. height - 1 do
        for x in 0 .. width - 1 do
            let off = abs (float found[y * width + x] - expected x y)
            Expect.isLessThan off tolerance $"{name}, pixel {x}, {y}"

let private stretched =
    testList
        "stretch"
        [
            for interpolation in Enum.GetValues<Interpolation>() do
                test $"{interpolation}" {
                    for w, h in sizes do
                        let image, pixel = noise w h
                        use image = image

                        let found =
                            Pictures.planesOf (model ResizeMethod.Stretch 0 interpolation) (Pictures.png image)

                        compare $"{w} x {h}" found (resized interpolation pixel (w, h) (width, height))
                }
        ]

let private others =
    testList
        "others"
        [
            test "fit centres the whole picture and pads it" {
                for (w, h), (left, top, toW, toH) in [ (40, 30), (0, 6, 16, 12); (10, 40), (5, 0, 6, 24) ] do
                    let image, pixel = noise w h
                    use image = image

                    let found =
                        Pictures.planesOf
                            (model ResizeMethod.Fit 0 Interpolation.BilinearAntialias)
                            (Pictures.png image)

                    compare $"{w} x {h}" found (fun x y ->
                        if x >= left && x < left + toW && y >= top && y < top + toH then
                            resized Interpolation.BilinearAntialias pixel (w, h) (toW, toH) (x - left) (y - top)
                        else
                            51.0 / 255.0)

                    Expect.floatClose
                        Accuracy.low
                        (float found[2 * width * height])
                        (204.0 / 255.0)
                        "blue of the padding"
            }

            test "shorter-side takes the centre of a non-square input" {
                let image, pixel = noise 60 40
                use image = image

                let found =
                    Pictures.planesOf (model ResizeMethod.ShorterSide 24 Interpolation.Bicubic) (Pictures.png image)

                compare "60 x 40" found (fun x y -> resized Interpolation.Bicubic pixel (60, 40) (36, 24) (x + 10) y)
            }

            test "all eight orientations have one result, for every method" {
                use shown = Pictures.scene 42 30

                for method in Enum.GetValues<ResizeMethod>() do
                    for interpolation in Enum.GetValues<Interpolation>() do
                        let model = model method 24 interpolation

                        let results =
                            [
                                for orientation in 1..8 do
                                    use turned = Pictures.stored orientation shown
                                    use image = Pictures.tagged orientation turned
                                    Pictures.planesOf model (Pictures.png image)
                            ]

                        for result in results do
                            let off = Pictures.distance result results.Head float
                            Expect.isLessThan off tolerance $"{method}, {interpolation}"
            }
        ]

let tests = testList "Resize methods" [ stretched; others ]
