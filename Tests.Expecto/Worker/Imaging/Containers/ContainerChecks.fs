/// What the tests of every container expect: a refusal or a decoded image, within processor time that no decoder needs.
module internal Tests.Expecto.Worker.ContainerChecks

open Expecto
open Worker.Imaging

let private atOnce name action =
    let seconds, result = Containers.processorSeconds action
    // No decoder runs for so long, and managed code walks 20 MB in less.
    Expect.isLessThan seconds 0.5 name
    result

let refusedAtOnce name reason words file =
    atOnce name (fun () -> Pictures.isRefused ImagingLimits.Standard reason words file name)

let decodedAtOnce name file =
    atOnce name (fun () -> Pictures.planesOf (Pictures.plain 8 8) file)

let thrice = [| struct (2, 2); struct (2, 2); struct (2, 2) |]
let halfChroma = [| struct (2, 2); struct (1, 1); struct (1, 1) |]
