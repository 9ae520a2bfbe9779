module Tests.Expecto.Program

open Expecto

let private all =
    testList
        "Recognition"
        [
            TimeLimitTests.tests
            Protocol.ProtocolTests.tests
            Hosting.HostingTests.tests
            Web.HttpTests.tests
            Web.WorkersTests.tests
            EndToEnd.EndToEndTests.tests
            Operations.OperationsTests.tests
            Scenarios.ScenariosTests.tests
            Bench.BenchTests.tests
            Browser.BrowserTests.tests
            CommandLine.CommandLineTests.tests
            Deployment.DeploymentTests.tests
            Worker.WorkerTests.tests
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

    let exitCode =
        runTestsWithCLIArgs [ CLIArguments.Printer remembering ] args (TimeLimit.onEvery TimeLimit.standard all)

    Option.iter (printfn "%s") last
    exitCode
