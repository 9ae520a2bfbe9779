module Tests.Expecto.Worker.FidelityTests

open System
open Expecto
open Tests.Expecto.Worker
open Worker.Imaging

/// What each source pixel weighs in the end, when the decoder gives the means of `shrink` of them.
let private unfolded (axis: AxisWeights) shrink source index =
    let weights = Array.zeroCreate<float> source

    for x in 0 .. axis.Taps - 1 do
        let decoded = axis.Starts[index] + x

        for y in decoded * shrink .. decoded * shrink + shrink - 1 do
            weights[y] <-
                weights[y]
                + float axis.Weights[index * axis.Taps + x]
                  / float (1 <<< AxisWeights.Precision)
                  / float shrink

    weights

let private prepared source mirrored shrink =
    let axis = AxisWeights()
    axis.Prepare(source, 256, 16, 224, mirrored, shrink)
    axis

let tests =
    testList
        "Fidelity"
        [
            test "a reduced picture's weights sum to 1, and a slope comes out as from the full one" {
                for shrink in [ 2; 4; 8 ] do
                    for source in [ 512 * shrink; 512 * shrink + 1; 613 * shrink + shrink - 1 ] do
                        for mirrored in [ false; true ] do
                            let full, reduced = prepared source mirrored 1, prepared source mirrored shrink

                            for index in 1..222 do
                                let weights = unfolded reduced shrink source index
                                Expect.floatClose Accuracy.low (Array.sum weights) 1.0 $"sum of {index}"

                                let centre = weights |> Array.mapi (fun x weight -> float x * weight) |> Array.sum

                                let expected =
                                    unfolded full 1 source index
                                    |> Array.mapi (fun x weight -> float x * weight)
                                    |> Array.sum

                                Expect.isLessThan (abs (centre - expected)) 0.02 $"{source} / {shrink}, {index}"
            }

            test "the decoder gives half the pixels to a large photograph, and all where asked to be exact" {
                use image = Pictures.scene 1700 1560
                let file = Pictures.jpeg image

                let run mode =
                    Pictures.planesIn mode Pictures.squeezenet file

                let exact, fast = run ResizeMode.Exact, run ResizeMode.Faithful
                Expect.notEqual fast exact "the fast way is another"
                // 8 levels of 255, divided by the deviation of 0.225.
                Expect.isLessThan (Pictures.distance exact fast float) 0.14 "and comes to the same"
            }

            for shorter, shrink in [ 803, 4; 2101, 8 ] do
                test $"a JPEG that is decoded at 1/{shrink} of its size comes to the same as one decoded whole" {
                    use small = Pictures.scene 300 280
                    use image = small.Resize(float shorter / 280.0)
                    let file = Pictures.jpeg image

                    let run mode =
                        Pictures.planesIn mode (Pictures.plain 64 56) file

                    let exact, fast = run ResizeMode.Exact, run ResizeMode.Faithful
                    Expect.notEqual fast exact "the fast way is another"
                    Expect.isLessThan (Pictures.distance exact fast float) (8.0 / 255.0) "8 levels"
                }
        ]
