/// The real programs together.
module Tests.Expecto.EndToEnd.EndToEndTests

open Expecto

let tests =
    testList
        "EndToEnd"
        [
            OldPeersTests.tests
            ExtendedTests.tests
            ServiceTests.tests
            LifeTests.tests
            StartTests.tests
            RunTests.tests
            ApiDocsTests.tests
            ClientsTests.tests
            ExamplesTests.tests
            ClientPackageTests.tests
            ModelsTests.tests
            GrpcTests.tests
            AnswersTests.tests
            RefusalTests.tests
            BrokenUploadsTests.tests
        ]
