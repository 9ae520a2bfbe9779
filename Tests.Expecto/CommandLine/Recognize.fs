/// `recognize` as a process: what went in, what came out.
namespace Tests.Expecto.CommandLine

open System
open System.Diagnostics
open System.IO
open System.Text
open System.Threading
open System.Threading.Tasks
open Tests.Expecto

/// What a call came to.
type CommandResult =
    {
        Code: int
        /// Standard output.
        Out: string
        /// The error stream.
        Err: string
    }

    member result.Lines = result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)

    /// Each line's columns.
    member result.Rows = result.Lines |> Array.map (fun line -> line.Split '\t')

    member result.ErrLines = result.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries)

[<RequireQualifiedAccess>]
module Recognize =
    /// The program that the same build made.
    let program =
        let mine = DirectoryInfo AppContext.BaseDirectory
        let configuration = (Unchecked.nonNull mine.Parent).Name
        Path.Combine(Repository.root, "Recognize.Cs", "bin", configuration, mine.Name, "recognize")

    let sample name =
        Path.Combine(Repository.root, "samples", name + ".png")

    let private launch (program: string) (folder: string) (arguments: string list) environment =
        let start =
            ProcessStartInfo(
                program,
                arguments,
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8
            )

        for key, value in ("MODEL_MIRROR", Repository.modelMirror) :: environment do
            start.Environment[key] <- value

        Unchecked.nonNull (Process.Start start)

    /// Runs `program` in `folder` with `input`, and waits for its end.
    let start (program: string) (folder: string) (arguments: string list) environment (input: byte[]) =
        task {
            use running = launch program folder arguments environment
            use late = new CancellationTokenSource(TimeSpan.FromSeconds 120.0)
            let out = running.StandardOutput.ReadToEndAsync late.Token
            let err = running.StandardError.ReadToEndAsync late.Token

            try
                try
                    do! running.StandardInput.BaseStream.WriteAsync(input, late.Token)
                    running.StandardInput.Close()
                with :? IOException ->
                    // It ended without reading.
                    ()

                do! running.WaitForExitAsync late.Token
                let! out = out
                let! err = err

                return
                    {
                        Code = running.ExitCode
                        Out = out
                        Err = err
                    }
            finally
                if not running.HasExited then
                    running.Kill true
        }

    /// In the repository's folder, with more variables in its environment.
    let runWith environment arguments : Task<CommandResult> =
        start program Repository.root arguments environment [||]

    let run arguments = runWith [] arguments

    /// With `input` as its standard input.
    let read input arguments : Task<CommandResult> =
        start program Repository.root arguments [] input

    /// The exit code of one that is sent a signal when it has said something, while its input stays open. Tests that a
    /// script started in the background ignore SIGINT, which a program would take over from them.
    let signalled (signal: string) arguments =
        task {
            use running =
                launch "env" Repository.root ("--default-signal=INT" :: program :: arguments) []

            use late = new CancellationTokenSource(TimeSpan.FromSeconds 60.0)

            try
                let! _ = running.StandardOutput.ReadLineAsync late.Token
                use killer = Process.Start("sh", [ "-c"; $"kill -{signal} {running.Id}" ])
                do! running.WaitForExitAsync late.Token
                return running.ExitCode
            finally
                if not running.HasExited then
                    running.Kill true
        }

    /// On a terminal of `columns`: both streams are one, as they came, control sequences included.
    let onTerminal (columns: int) (arguments: string list) environment : Task<CommandResult> =
        let quoted = arguments |> List.map (fun one -> $"'{one}'") |> String.concat " "
        let command = $"stty cols {columns} rows 40; '{program}' {quoted}"
        let environment = ("TERM", "xterm-256color") :: environment
        start "script" Repository.root [ "--quiet"; "--return"; "--command"; command; "/dev/null" ] environment [||]
