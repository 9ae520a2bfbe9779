module Tests.Expecto.Program

open Expecto

let private all =
    testList
        "Recognition"
        [
            testList
                "Protocol"
                [
                    Protocol.ChecksumTests.tests
                    Protocol.MessageTests.tests
                    Protocol.FrameReaderTests.tests
                    Protocol.PredictionTests.tests
                    Protocol.WorkerExchangeTests.tests
                    Protocol.ClientExchangeTests.tests
                    Protocol.NetworkTests.tests
                    Protocol.VectorsTests.tests
                ]
            Samples.SamplesTests.tests
        ]

/// The counts that end a run, alone on a line, whatever else was printed before them.
let private closing (summary: Impl.TestRunSummary) =
    let failed = summary.failed.Length + summary.errored.Length

    match summary.ignored.Length with
    | 0 -> $"{summary.passed.Length} passed, {failed} failed"
    | skipped -> $"{summary.passed.Length} passed, {failed} failed, {skipped} skipped"

[<EntryPoint>]
let main args =
    let mutable last = None
    let printer = Impl.TestPrinters.defaultPrinter

    let remembering =
        { printer with
            summary =
                fun config summary ->
                    last <- Some(closing summary)
                    printer.summary config summary
        }

    let exitCode = runTestsWithCLIArgs [ CLIArguments.Printer remembering ] args all

    Option.iter (printfn "%s") last
    exitCode
