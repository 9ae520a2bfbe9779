/// What operators set up beside the nodes: Prometheus, traces, logs, Redis, DNS.
module Tests.Expecto.Operations.OperationsTests

open Expecto

let tests =
    testList
        "Operations"
        [
            MetricsTests.tests
            WorkerSeriesTests.tests
            TracesTests.tests
            LogsTests.tests
            SharedWorkersTests.tests
            RedisTests.tests
            RedisFailuresTests.tests
            RedisSetupsTests.tests
            ExpiredAnnouncementsTests.tests
            ProbesTests.tests
            DnsDiscoveryTests.tests
        ]
