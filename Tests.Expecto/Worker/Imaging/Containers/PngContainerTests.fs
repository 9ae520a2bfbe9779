module internal Tests.Expecto.Worker.PngContainerTests

open System
open System.Text
open Expecto
open NetVips
open Tests.Expecto.Worker
open Worker.Imaging
open Tests.Expecto.Worker.ContainerChecks

let tests =
    let chunk (kind: string) (data: byte[]) =
        Array.concat
            [
                Array.rev (BitConverter.GetBytes data.Length)
                Encoding.ASCII.GetBytes kind
                data
                [| 0uy; 0uy; 0uy; 0uy |]
            ]

    testList
        "PNG"
        [
            test "empty IDAT chunks and a million other chunks do not reach the decoder" {
                use image = Pictures.scene 64 48
                let file = Pictures.png image
                let front = 8 + 25

                for name, piece in [ "IDAT", chunk "IDAT" [||]; "tIME", chunk "tIME" (Array.zeroCreate 7) ] do
                    let many = Array.concat (Array.replicate 700_000 piece)
                    let stuffed = Array.concat [ file[.. front - 1]; many; file[front..] ]

                    Expect.equal
                        (Containers.rewritten ImageFormat.Png stuffed)
                        (Containers.rewritten ImageFormat.Png file)
                        name

                    Expect.equal (decodedAtOnce name stuffed) (decodedAtOnce name file) name
            }

            test "the estimated bands and bits are those of the decoded pixels" {
                use rgb = Pictures.scene 30 20

                use grey =
                    rgb.ExtractBand(0).Copy(interpretation = Nullable Enums.Interpretation.Bw)

                use alpha = rgb.AddAlpha()
                use deep = rgb.Colourspace(Enums.Interpretation.Rgb16)

                for name, file in
                    [
                        "RGB", Pictures.png rgb
                        "grey", Pictures.png grey
                        "1 bit", grey.PngsaveBuffer(bitdepth = Nullable 1)
                        "alpha", Pictures.png alpha
                        "16 bits", Pictures.png deep
                        "palette", rgb.PngsaveBuffer(palette = Nullable true)
                    ] do
                    use image = Image.NewFromBuffer file
                    let info = Containers.info ImageFormat.Png file
                    Expect.equal info.Bands image.Bands name
                    Expect.equal info.SampleBytes (if image.Format = Enums.BandFormat.Uchar then 1 else 2) name
            }
        ]
