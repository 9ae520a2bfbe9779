/// The web node's half that deals with workers.
module Tests.Expecto.Web.WorkersTests

open Expecto

let tests =
    testList
        "Workers"
        [
            WorkerAddressTests.tests
            AllowedNetworksTests.tests
            SpecialAddressTests.tests
            PoolStateTests.tests
            WorkerRepliesTests.tests
            RetryBudgetTests.tests
            RetryQueueTests.tests
            DeadlineTests.tests
            WorkerClientTests.tests
            ConnectionPoolTests.tests
            NegotiationRulesTests.tests
            NegotiationTests.tests
            RenegotiationTests.tests
            OriginalWorkerTests.tests
            OriginalWorkerSupportTests.tests
            ExtendedTests.tests
            ModelRoutingTests.tests
            ModelChangesTests.tests
            ResponseCacheTests.tests
            DispatcherTests.tests
            RetriedPictureTests.tests
            LimitsTests.tests
            WorkerPoolTests.tests
            WaitQueueTests.tests
            FileWorkerStoreTests.tests
            HealthChecksTests.tests
            WorkerServicesTests.tests
            FaultsTests.tests
        ]
