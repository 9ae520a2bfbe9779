/// The pages in a real browser.
module Tests.Expecto.Browser.BrowserTests

open Expecto

let tests =
    testList
        "Browser"
        [
            PageTests.tests
            StatesTests.tests
            SharingTests.tests
            ModelsPageTests.tests
            WorkersPageTests.tests
            DocsTests.tests
            ErrorsTests.tests
            BatchPageTests.tests
            AnswerTests.tests
            BatchTests.tests
            CameraTests.tests
            WaysInTests.tests
            WordingTests.tests
            TouchAndKeyboardTests.tests
            WorkersStatesTests.tests
            WorkersManyTests.tests
            SiteTests.tests
            FilesTests.tests
            AccessTests.tests
            WorkersLinkTests.tests
            ForeignPageTests.tests
        ]
