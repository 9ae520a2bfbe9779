/// Managed code walks a file's container first; the decoder gets what one still image needs.
module internal Tests.Expecto.Worker.ContainersTests

open System
open Scenarios.Pictures
open Expecto
open FsCheck
open FsCheck.FSharp
open NetVips
open Tests.Expecto.Worker
open Worker.Imaging
open Worker.Imaging.Containers
open Tests.Expecto.Worker.ContainerChecks

/// A file of each format with bytes changed, repeated or cut, behind its first bytes.
let private mutants =
    lazy
        (use image = Pictures.scene 40 30
         use negative = image.Invert()
         use both = image.Join(negative, Enums.Direction.Vertical)
         use film = both.Mutate(fun header -> header.Set(GValue.GIntType, "page-height", 30))

         [
             ImageFormat.Jpeg, JpegWriter(64, 64, halfChroma).FewScans()
             ImageFormat.Png, Pictures.png image
             ImageFormat.WebP, film.WebpsaveBuffer(q = Nullable 70)
             ImageFormat.Gif, film.GifsaveBuffer()
         ])

let private anything =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 3000
        }
        "whatever the bytes, no container throws or grows"
    <| fun (changes: (uint16 * byte) list) (length: uint16) (noise: byte[]) ->
        for format, file in mutants.Force() do
            let changed = Array.append file noise

            for at, value in changes do
                changed[12 + int at % (changed.Length - 12)] <- value

            let cut = changed[.. 12 + int length % (changed.Length - 12)]

            for one in [ changed; cut ] do
                Containers.read format one |> ignore

let tests =
    testList
        "Containers"
        [
            JpegContainerTests.tests
            WebPContainerTests.tests
            GifContainerTests.tests
            PngContainerTests.tests
            anything
        ]
