/// What managed code reads of an image file before libvips gets it.
module Tests.Expecto.Worker.Containers

open System
open Worker.Imaging
open Worker.Imaging.Containers

/// The structure of a file and the bytes that the decoder gets, or why it is refused.
let read format (file: byte[]) : Result<ImageInfo * byte[], ImageRefusal> =
    let mutable output = new NativeBuffer(file.Length + ImageContainer.Growth)
    let mutable info = Unchecked.defaultof<ImageInfo>

    let refusal =
        ImageContainer.Read(ReadOnlySpan file, format, &output, &info) |> Option.ofObj

    let written = output.Written.ToArray()
    output.Dispose()

    match refusal with
    | None -> Ok(info, written)
    | Some refusal -> Error refusal

let info format file =
    match read format file with
    | Ok(info, _) -> info
    | Error refusal -> failwith $"refused: {refusal}"

/// The bytes that the decoder gets.
let rewritten format file =
    match read format file with
    | Ok(_, bytes) -> bytes
    | Error refusal -> failwith $"refused: {refusal}"

/// Processor seconds of this thread that `action` takes, and its result.
let processorSeconds (action: unit -> 'T) =
    let before = ProcessorTime.OfThread
    let result = action ()
    (ProcessorTime.OfThread - before).TotalSeconds, result
