/// Protocol.Core: messages, results, and the exchanges of both roles.
module Tests.Expecto.Protocol.ProtocolTests

open Expecto

let tests =
    testList
        "Protocol"
        [
            ChecksumTests.tests
            ImageBytesTests.tests
            MessageTests.tests
            FrameReaderTests.tests
            PredictionTests.tests
            AnswerTextTests.tests
            WorkerExchangeTests.tests
            WorkerRetransmissionTests.tests
            ClientExchangeTests.tests
            ExtendedTests.tests
            NetworkTests.tests
            OriginalNetworkTests.tests
            VectorsTests.tests
        ]
