namespace Web.Giraffe

open System
open System.IO

/// The picture for health checks: `Pool:ProbeImage`, or a built-in one.
[<RequireQualifiedAccess>]
module ProbePicture =

    // Every worker accepts it, originals included: a PNG of 32 × 32 with three channels.
    let private builtIn =
        Convert.FromBase64String
            "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3NMQ0AAAwDoPpXU4lVsWMJGCA9FoFAIBAIBAKBQPAlGPp6QHkBIDyeAAAAAElFTkSuQmCC"

    let read (settings: WorkersSettings) : byte[] =
        match settings.ProbeImage with
        | Some path -> File.ReadAllBytes path
        | None -> builtIn
