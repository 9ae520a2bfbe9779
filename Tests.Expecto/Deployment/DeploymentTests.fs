/// What is deployed: manifests, images, units, archives and proxies.
module Tests.Expecto.Deployment.DeploymentTests

open Expecto

let tests =
    testList
        "Deployment"
        [
            ManifestsTests.tests
            ChartTests.tests
            RulesTests.tests
            ImagesTests.tests
            UnitsTests.tests
            ReleaseTests.tests
            FirstHourTests.tests
            DocsTests.tests
            CommandLinesTests.tests
            BasePathTests.tests
            ProxyTests.tests
        ]
