/// What the tests of every container expect: a refusal or a decoded image, within processor time that no decoder needs.
module internal Tests.Expecto.Worker.ContainerChecks

open System
open Expecto
open Tests.Expecto.Worker
open Worker.Imaging

let limits = ImagingLimits.Standard

/// No decoder runs for so long, and managed code walks 20 MB in less.
let moment = 0.5

/// Refused for this reason, within processor time that no decoder would do with.
let refusedAtOnce name reason (words: string) file =
    let seconds, refusal =
        Containers.processorSeconds (fun () -> Pictures.refusalOf limits file)

    match refusal with
    | Some refusal ->
        Expect.equal refusal.Reason reason $"{name}: {refusal.Detail}"
        Expect.stringContains refusal.Detail words name
    | None -> failtest $"{name}: not refused"

    Expect.isLessThan seconds moment name

let decodedAtOnce name file =
    let seconds, tensor =
        Containers.processorSeconds (fun () -> Pictures.preprocess (Pictures.plain 8 8) limits file)

    Expect.isLessThan seconds moment name

    match tensor with
    | Ok tensor -> tensor
    | Error refusal -> failtest $"{name}: {refusal}"

let thrice = [| struct (2, 2); struct (2, 2); struct (2, 2) |]
let halfChroma = [| struct (2, 2); struct (1, 1); struct (1, 1) |]
