/// The web node's HTTP half.
module Tests.Expecto.Web.HttpTests

open Expecto

let tests =
    testList
        "Http"
        [
            GiraffeTests.tests
            ImageFormatTests.tests
            UploadTests.tests
            RefusalTests.tests
            UploadLimitsTests.tests
            UploadLeaseTests.tests
            FormPartsTests.tests
            BatchTests.tests
            AnswerHeadersTests.tests
            CorsTests.tests
            ClassifyOptionsTests.tests
            ClassifyBodiesTests.tests
            HeaderParametersTests.tests
            ClientFormsTests.tests
            HostsTests.tests
            BodyTimesTests.tests
            ConnectionsTests.tests
            EarlyAnswersTests.tests
            EncodedBodyTests.tests
            PredictTests.tests
            RepositoryTests.tests
            LongRowsTests.tests
            RawNetworkTests.tests
            TensorTypesTests.tests
            GrpcTests.tests
            GrpcServicesTests.tests
            GrpcErrorsTests.tests
            GrpcLimitsTests.tests
            GrpcCostTests.tests
            AdminGuardTests.tests
            AdminGuardPagesTests.tests
            LoginThrottleTests.tests
            AdminTokenFileTests.tests
            AdminTests.tests
            WorkersApiTests.tests
            AdminAccessTests.tests
            ConfirmationTests.tests
            PagesTests.tests
            ResponsesTests.tests
            ImageFetchTests.tests
            TextsTests.tests
            CompressionTests.tests
            TrafficTests.tests
            LiveTests.tests
            NodeTests.tests
            ReadinessTests.tests
            OpenApiTests.tests
            OpenApiSchemasTests.tests
            BatchUploadTests.tests
            BatchLimitsTests.tests
            ApiKeysTests.tests
            SignInTests.tests
            RateLimitTests.tests
            ApiSettingsTests.tests
            InferenceTests.tests
            InferenceErrorsTests.tests
            InferenceMemoryTests.tests
        ]
