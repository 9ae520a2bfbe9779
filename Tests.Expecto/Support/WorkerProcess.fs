/// A worker as a process of its own.
[<RequireQualifiedAccess>]
module internal Tests.Expecto.WorkerProcess

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open Tests.Expecto.Worker

let start (arguments: string list) =
    let info =
        ProcessStartInfo("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)

    for argument in Path.Combine(AppContext.BaseDirectory, "Worker.Cs.dll") :: arguments do
        info.ArgumentList.Add argument

    info.Environment["MODEL_MIRROR"] <- String.Join(Path.PathSeparator, Pictures.mirrors)

    match Process.Start info with
    | null -> failwith "no process"
    | started -> started

let private readyLine = Regex @"Worker ready on 127\.0\.0\.1:(\d+)"

/// The port of its ready line.
let rec waitReady (output: StreamReader) =
    match output.ReadLine() with
    | null -> failwith "the worker ended before it was ready"
    | line ->
        let ready = readyLine.Match line

        if ready.Success then
            int ready.Groups[1].Value
        else
            waitReady output
