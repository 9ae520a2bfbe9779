/// `recognize`, the command line.
module Tests.Expecto.CommandLine.CommandLineTests

open Expecto

let tests =
    testList
        "CommandLine"
        [
            RecognizeTests.tests
            FilesTests.tests
            CsvTests.tests
            AnswerCommandsTests.tests
            AccuracyTests.tests
            ModelsTests.tests
            ModelTableTests.tests
            TerminalTests.tests
            ServerTests.tests
            ScriptTests.tests
        ]
