/// Node.Hosting: the code that both nodes share.
module Tests.Expecto.Hosting.HostingTests

open Expecto

let tests =
    testList
        "Hosting"
        [
            ByteBudgetTests.tests
            ConnectionLimiterTests.tests
            ReceiveBlocksTests.tests
            SettingsTests.tests
            LogTextTests.tests
            TlsTests.tests
        ]
