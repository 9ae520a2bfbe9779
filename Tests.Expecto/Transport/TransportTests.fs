/// Transport: the code that both nodes share.
module Tests.Expecto.Transport.TransportTests

open Expecto

let tests =
    testList
        "Transport"
        [
            ByteBudgetTests.tests
            ConnectionLimiterTests.tests
            ReceiveBlocksTests.tests
            SettingsTests.tests
            LogTextTests.tests
            TlsTests.tests
        ]
