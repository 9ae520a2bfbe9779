module internal Tests.Expecto.Worker.JpegContainerTests

open System
open Scenarios.Pictures
open Expecto
open Worker.Imaging
open Worker.Imaging.Containers
open Tests.Expecto.Worker.ContainerChecks

let tests =
    testList
        "JPEG"
        [
            test "2,649 scans of 4096 x 4096 are refused before they are decoded" {
                let file = JpegWriter(4096, 4096, thrice).Progressive 13
                Expect.isLessThan file.Length 250_000 "small"
                let info = Containers.info ImageFormat.Jpeg file
                Expect.equal info.Scans 2649 "scans"
                Expect.equal info.Blocks (3L * 512L * 512L) "the blocks of 4:4:4"
                Expect.equal info.BlockVisits (2649L * 512L * 512L) "visits"
                refusedAtOnce "4096" RefusalReason.TooCostly "2649 scans; the limit is 100" file
                refusedAtOnce "1448" RefusalReason.TooCostly "scans" (JpegWriter(1448, 1448, thrice).Progressive 13)
            }

            test "components that are all sampled 2 x 2 count as 4:4:4, in memory too" {
                let blocks sampling =
                    (Containers.info ImageFormat.Jpeg (JpegWriter(1600, 1200, sampling).FewScans())).Blocks

                Expect.equal (blocks thrice) (3L * 200L * 150L) "all 2 x 2"
                Expect.equal (blocks halfChroma) (200L * 150L * 3L / 2L) "4:2:0"
                Expect.equal (blocks [| struct (1, 1); struct (4, 4); struct (1, 1) |]) (18L * 50L * 38L) "4 x 4"
            }

            test "scans of a sequential file count like those of a progressive one" {
                let one = JpegWriter(640, 480, thrice, Frame = 0xC0uy)
                let info = Containers.info ImageFormat.Jpeg (one.Sequential true)
                Expect.isFalse info.HoldsCoefficients "interleaved: row by row"
                let apart = Containers.info ImageFormat.Jpeg (one.Sequential false)
                Expect.isTrue apart.HoldsCoefficients "a scan for each component"
                Expect.equal apart.Scans 3 "scans"
                Expect.equal apart.BlockVisits apart.Blocks "each once"
                refusedAtOnce "repeated" RefusalReason.TooCostly "scans" (one.Sequential(false, 40))
            }

            test "JPEG processes without a decoder are refused by name" {
                for name, writer in
                    [
                        "Lossless", JpegWriter(64, 64, thrice, Frame = 0xC3uy)
                        "12-bit", JpegWriter(64, 64, thrice, Frame = 0xC1uy, Precision = 12uy)
                        "2 components", JpegWriter(64, 64, thrice[..1], Frame = 0xC0uy)
                    ] do
                    refusedAtOnce name RefusalReason.Unsupported name (writer.Sequential true)
            }

            test "millions of segments do not reach the decoder" {
                let many count segment =
                    Array.concat (Array.replicate count segment)

                let front = many 500_000 (Jpegs.segment 0xE0uy "JFIF\000"B)

                let adobe =
                    many 300_000 (JpegWriter.Segment(0xEEuy, "Adobe\000d\000\000\000\000\000\000"B))

                let between = many 100_000 (JpegWriter.Segment(0xEEuy, [| 1uy |]))
                let plain = JpegWriter(64, 64, halfChroma).FewScans()
                let stuffed = JpegWriter(64, 64, halfChroma, BeforeScan = between).FewScans()

                for name, file in
                    [
                        "APP0", Jpegs.insert front plain
                        "behind bytes that are no segment", Jpegs.insert (Array.append [| 0xFFuy; 0uy |] front) plain
                        "between scans", stuffed
                    ] do
                    let info = Containers.info ImageFormat.Jpeg file
                    Expect.isLessThan info.Segments 20 name
                    Expect.isLessThan info.CompressedBytes 1000L name
                    decodedAtOnce name file |> ignore

                refusedAtOnce "Adobe's" RefusalReason.Damaged "Adobe" (Jpegs.insert adobe plain)
            }

            test "a second frame, a second start and a broken frame are refused" {
                let file = JpegWriter(64, 64, halfChroma).FewScans()

                let frame =
                    JpegWriter.Segment(0xC2uy, [| 8uy; 0uy; 8uy; 0uy; 8uy; 1uy; 1uy; 0x11uy; 0uy |])

                for name, changed in
                    [
                        "two frames", Jpegs.insert frame file
                        "two starts", Jpegs.insert [| 0xFFuy; 0xD8uy |] file
                        "no rows", JpegWriter(64, 64, halfChroma, AnnouncedHeight = Nullable 0).FewScans()
                        "a sampling factor of 5", JpegWriter(64, 64, struct (5, 1)).FewScans()
                        "an unknown marker", Jpegs.insert [| 0xFFuy; 0xF0uy; 0uy; 2uy |] file
                    ] do
                    refusedAtOnce name RefusalReason.Damaged "" changed
            }
        ]
