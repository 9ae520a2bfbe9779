/// The resize of one channel by its definition: in double precision, and in whole numbers as Pillow does it.
module internal Tests.Expecto.Worker.ReferenceResize

open System

type Axis =
    {
        Source: int
        Target: int
        First: int
        Count: int
    }

/// The source pixels of a target pixel, and their weights, which sum to 1.
let private weights axis index =
    let first, shares =
        PillowResize.shares PillowResize.bilinear axis.Source axis.Target (axis.First + index)

    shares |> Array.mapi (fun i share -> first + i, share)

/// One pass over any number of lines, rounded to 8 bits at its end unless it says otherwise.
type Pass = Axis -> (int -> float) -> float[]

/// In double precision, without rounding.
let exact: Pass =
    fun axis ->
        let filter = Array.init axis.Count (weights axis)
        fun line -> filter |> Array.map (Array.sumBy (fun (x, weight) -> weight * line x))

/// In double precision.
let real: Pass =
    fun axis ->
        let pass = exact axis
        fun line -> pass line |> Array.map ((+) 0.5 >> floor)

/// In whole numbers, the weights rounded to 22 bits, as Pillow does it for 8-bit pictures.
let whole: Pass =
    let one = 1L <<< 22

    fun axis ->
        let filter =
            Array.init
                axis.Count
                (weights axis
                 >> Array.map (fun (x, weight) -> x, int64 (0.5 + weight * float one)))

        fun line ->
            filter
            |> Array.map (fun taps ->
                let sum = taps |> Array.sumBy (fun (x, weight) -> weight * int64 (line x))
                float ((sum + one / 2L) / one))

let private plan source shorter shortSide crop =
    let target = int (float shortSide * float source / float shorter)

    {
        Source = source
        Target = target
        First = int (Math.Round(float (target - crop) / 2.0, MidpointRounding.ToEven))
        Count = crop
    }

/// The whole preprocessing of one channel, by rows then by columns.
let expected (pass: Pass) width height shortSide crop (pixel: int -> int -> float) =
    let shorter = min width height
    let across = pass (plan width shorter shortSide crop)
    let down = pass (plan height shorter shortSide crop)
    let rows = Array.init height (fun y -> across (fun x -> pixel x y))
    Array.init crop (fun x -> down (fun y -> rows[y][x]))
